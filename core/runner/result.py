"""What a run gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RunResult:
    """What a run gave.

    Attributes:
        summary: the content of summary.json.
        folder: the run's folder; None after a dry run.
        tables: what is worth printing (see `nntasks.interfaces.report_data.Table`).
    """

    summary: Mapping[str, Any]
    folder: Path | None
    tables: tuple[Any, ...] = ()
