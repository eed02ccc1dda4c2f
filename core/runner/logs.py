"""The loggers of a run: each gets every row; one that fails is left out, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nntasks import contracts
from nntasks.errors import Interrupted
from nntasks.interfaces import Task
from nntasks.interfaces.logger import End, LoggedRun, Logger
from nntasks.run_folder import RunFolder

FILES = ("summary.json", "report.html", "config.yaml", "items.csv")  # that loggers get at the end

Kinds = Mapping[str, type[Logger]]


def logger_classes(task: Task) -> dict[str, type[Logger]]:
    """Return the classes of the loggers that a configuration names.

    Raises:
        UsageError: an unknown name.
        MissingError: a package is not installed; the message has the command that installs it.
    """
    registry = task.context.registry
    return {name: contracts.logger_class(registry, name) for name in task.config.log}


class Logs:
    """The open loggers of a run, as a context manager that closes them.

    Args:
        kinds: the class of each logger by name; none in processes other than the main one.
        run: what they are made from.
        warn: receives one line for each logger that fails.
    """

    def __init__(self, kinds: Kinds, run: LoggedRun, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._open: dict[str, Logger] = {}
        for name, kind in kinds.items():
            self._guarded(name, partial(self._make, name, kind, run))

    def _make(self, name: str, kind: type[Logger], run: LoggedRun) -> None:
        self._open[name] = kind(run)

    @classmethod
    def of(cls, kinds: Kinds, task: Task, folder: RunFolder, config: Mapping[str, Any]) -> Logs:
        """Open the loggers of a run whose history has the rows that count."""

        def warn(line: str) -> None:
            folder.log(line)
            task.context.warn(line)

        steps = [row["step"] for row in folder.history if isinstance(row.get("step"), int)]
        next_step = max(steps) + 1 if steps else 0
        return cls(kinds, LoggedRun(task.context.task, folder.path, config, next_step), warn)

    def scalars(self, split: str, step: int, epoch: float, values: Mapping[str, float]) -> None:
        """Add a row."""
        named = {f"{split}/{name}": float(value) for name, value in values.items()}
        self._each(lambda logger: logger.scalars(step, epoch, named))

    def flush(self) -> None:
        """Put the rows on disk."""
        self._each(lambda logger: logger.flush())

    def finish(self, folder: RunFolder, summary: Mapping[str, Any]) -> None:
        """Add the pictures and files of a finished run, and its numbers."""
        if not self._open:
            return
        step = max((row.get("step", 0) for row in folder.history), default=0)
        pictures = {path.stem: path for path in sorted(folder.path.glob("figures/*.png"))}
        files = [path for name in FILES if (path := folder.path / name).is_file()]
        self._each(lambda logger: logger.pictures(step, pictures))
        self._each(lambda logger: logger.finish(summary, files))

    def __enter__(self) -> Logs:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        stopped = isinstance(error, (Interrupted, KeyboardInterrupt))
        end: End = "finished" if error is None else "interrupted" if stopped else "failed"
        self._each(lambda logger: logger.close(end))
        self._open.clear()

    def _each(self, act: Callable[[Logger], None]) -> None:
        for name, logger in list(self._open.items()):
            if not self._guarded(name, partial(act, logger)):
                del self._open[name]

    def _guarded(self, name: str, act: Callable[[], None]) -> bool:
        """Call a logger's code; return whether it worked, and warn if not."""
        try:
            act()
            return True
        except (Exception, SystemExit) as error:  # its code, a service or a disk may fail
            reason = " ".join(str(error).split())[:300] or "no message"
            self._warn(
                f"warning: log={name} is left out from here on: {type(error).__name__}: {reason}"
            )
            return False
