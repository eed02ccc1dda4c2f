"""The folder with the data of the benchmarks that need some."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """Return the folder that NNTASKS_DATA names, else `shared/data` beside the checkout."""
    return Path(os.environ.get("NNTASKS_DATA") or ROOT.parent / "shared" / "data")
