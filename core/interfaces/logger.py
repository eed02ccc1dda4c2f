"""Loggers: what copies a run's numbers and pictures to another tool, such as TensorBoard."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

End = Literal["finished", "failed", "interrupted"]


@dataclass(frozen=True)
class LoggedRun:
    """The run that a logger opens its log for.

    Attributes:
        task: name of the task.
        folder: the run's folder, which exists; its name identifies the run.
        config: the keys by name, as in config.yaml.
        next_step: rows before this step are in the log already; 0 for a new run. A resumed run
            repeats the steps from here on, so what the log has of them is to be dropped.
    """

    task: str
    folder: Path
    config: Mapping[str, Any]
    next_step: int = 0


class Logger(ABC):
    """A log of one run, in the main process; made when the run starts or is resumed.

    An exception costs a warning and this logger, never the run. A logger sends nothing over the
    network unless the user has set it up to do so.

    Args:
        run: the run.
    """

    def __init__(self, run: LoggedRun) -> None:
        self.run = run

    @abstractmethod
    def scalars(self, step: int, epoch: float, values: Mapping[str, float]) -> None:
        """Add a row of numbers by name, such as "train/loss" or "validation/dice"."""

    def flush(self) -> None:
        """Put the rows on disk: a checkpoint follows, and a resumed run starts from there."""
        return

    def pictures(self, step: int, files: Mapping[str, Path]) -> None:
        """Add the figures of the report, PNG files by name."""
        return

    def finish(self, summary: Mapping[str, Any], files: Sequence[Path]) -> None:
        """Add the content of summary.json, and the files of a finished run such as its report."""
        return

    def close(self, end: End) -> None:
        """Close the log; `end` says how the run ended."""
        return
