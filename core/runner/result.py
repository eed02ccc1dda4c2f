"""The result of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RunResult:
    """The result of a run.

    Attributes:
        summary: the content of summary.json.
        folder: the run's folder; None after a dry run.
        tables: tables for the terminal (see `nntasks.interfaces.report_data.Table`).
    """

    summary: Mapping[str, Any]
    folder: Path | None
    tables: tuple[Any, ...] = ()
