"""Remove a folder at once, as it was made: a killed process leaves no half of it under its name."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path


def remove_folder(folder: Path) -> None:
    """Rename `folder` to a hidden temporary name, then remove its files.

    What a killed process leaves has a name that `atomic_write.remove_temporaries` knows. A folder
    that cannot be renamed stays as it is; one whose files cannot be removed stays hidden.
    """
    hidden = folder.with_name(f".{secrets.token_hex(6)}.tmp")
    with contextlib.suppress(OSError):
        os.rename(folder, hidden)
        shutil.rmtree(hidden, ignore_errors=True)
