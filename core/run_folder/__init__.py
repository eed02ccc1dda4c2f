"""The files of a run, each written atomically.

`runs/<task>/<date-time>-<id>/` holds config.yaml, environment.json, metrics.jsonl, hashes.jsonl,
summary.json, items.csv, checkpoints/, figures/, report.html, log.txt and the checksums SHA256SUMS;
`runs/<task>/latest` links the newest.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError
from nntasks.run_folder import latest, names, reading
from nntasks.storage import atomic_write, checksums, locks
from nntasks.storage.csv_text import to_csv
from nntasks.storage.failures import cannot_write

_LONGEST_BIRTH = 60.0  # seconds


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr)


class RunFolder:
    """The folder of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._log: list[str] | None = None
        self._history: list[dict[str, Any]] | None = None
        self._hashes: list[dict[str, Any]] | None = None

    @classmethod
    def create(
        cls,
        out: Path,
        task: str,
        config: Mapping[str, Any],
        environment: Mapping[str, Any],
        say: Callable[[str], None] = _to_stderr,
    ) -> RunFolder:
        """Create a new run below `out`, with its configuration, so that it can be resumed.

        Args:
            out: folder that holds the runs of all tasks.
            task: name of the task.
            config: the keys by name.
            environment: what goes into environment.json.
            say: receives warnings, such as about a `latest` that is not a link.

        Raises:
            UsageError: `out` cannot be written.
        """
        name = names.new_name()
        parent = out / task
        hidden = parent / f".{name}.tmp"
        try:
            (hidden / "checkpoints").mkdir(parents=True)
            (hidden / "figures").mkdir()
            lock = locks.acquire(hidden, say)
        except OSError as error:
            shutil.rmtree(hidden, ignore_errors=True)
            remedy = "choose another folder with --out"
            raise UsageError(cannot_write(parent, error, remedy)) from error
        try:
            folder = cls(hidden)
            folder.write_yaml("config.yaml", {"task": task, **config})
            folder.write_json("environment.json", environment)
            os.rename(hidden, parent / name)
            lock.folder = folder.path = parent / name
        except BaseException:
            shutil.rmtree(hidden, ignore_errors=True)
            raise
        finally:
            lock.release()
        _remove_unborn(parent)
        latest.link(folder.path, say)
        return folder

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open the folder of an earlier run.

        Raises:
            UsageError: there is no run in that folder.
        """
        if not (path / "config.yaml").is_file():
            raise UsageError(
                f"{path} is not a run: expected a folder with config.yaml, such as "
                "runs/<task>/latest or runs/<task>/<date-time>-<id>"
            )
        return cls(path.resolve())

    @contextlib.contextmanager
    def held(self, say: Callable[[str], None]) -> Iterator[None]:
        """Lock the run for this process, and remove temporary files of a killed process.

        Raises:
            InUse: another process is at work in it; the message names that process.
            UsageError: the folder cannot be written.
        """
        lock = locks.acquire(self.path, say)
        try:
            atomic_write.remove_temporaries(self.path)
            _remove_unborn(self.path.parent)
            yield
        finally:
            lock.release()

    @property
    def checkpoints(self) -> Path:
        """The folder of the checkpoints."""
        return self.path / "checkpoints"

    def write_bytes(self, name: str, data: bytes) -> None:
        """Write a file of the run, also into a folder in it, which is made."""
        path = self.path / name
        if path.parent != self.path and self.path.is_dir():  # a run that was removed stays removed
            path.parent.mkdir(exist_ok=True)
        atomic_write.write_bytes(path, data, atomic_write.RESUME)

    def write_text(self, name: str, text: str) -> None:
        """Write a text file of the run."""
        atomic_write.write_text(self.path / name, text, atomic_write.RESUME)

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file of the run."""
        self.write_text(name, atomic_write.to_json(value))

    def write_yaml(self, name: str, value: Mapping[str, Any]) -> None:
        """Write a YAML file of the run, keys in their order."""
        import yaml

        self.write_text(name, yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True))

    def write_csv(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows as CSV; the columns are the keys in order of first appearance."""
        self.write_text(name, to_csv(rows))

    def read_json(self, name: str) -> Any:
        """Read a JSON object of the run; None where it is not there.

        Raises:
            UsageError: the file is damaged.
        """
        return reading.read_json(self.path / name)

    def summary(self) -> Mapping[str, Any] | None:
        """Return the content of summary.json; None if the run is not complete.

        Raises:
            UsageError: the file is damaged.
        """
        return reading.read_summary(self.path / "summary.json")

    def log(self, line: str) -> None:
        """Add a line with the time of day to log.txt."""
        self.log_lines.append(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {line}")
        self.write_text("log.txt", "\n".join(self.log_lines) + "\n")

    @property
    def log_lines(self) -> list[str]:
        r"""The logged lines; bytes that are not UTF-8 are shown as `\xNN`."""
        if self._log is None:
            path = self.path / "log.txt"
            content = path.read_bytes() if path.is_file() else b""
            self._log = content.decode("utf-8", "backslashreplace").splitlines()
        return self._log

    @property
    def history(self) -> list[dict[str, Any]]:
        """The rows of metrics.jsonl and those added since.

        Raises:
            UsageError: the file is damaged.
        """
        if self._history is None:
            self._history = reading.read_rows(self.path / "metrics.jsonl")
        return self._history

    @history.setter
    def history(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._history = [dict(row) for row in rows]

    def add_scalars(self, row: Mapping[str, Any]) -> None:
        """Add a row to the history; `write_history` puts it on disk."""
        self.history.append(dict(row))

    def history_text(self) -> str:
        """Return the new content of metrics.jsonl."""
        lines = (atomic_write.to_json_line(row) for row in self.history)
        return "".join(f"{line}\n" for line in lines)

    def write_history(self) -> None:
        """Write metrics.jsonl."""
        self.write_text("metrics.jsonl", self.history_text())

    @property
    def hashes(self) -> list[dict[str, Any]]:
        """The rows of hashes.jsonl and those added since: hashes of each epoch.

        Raises:
            UsageError: the file is damaged.
        """
        if self._hashes is None:
            self._hashes = reading.read_lines(self.path / "hashes.jsonl")
        return self._hashes

    @hashes.setter
    def hashes(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._hashes = [dict(row) for row in rows]

    def hashes_text(self) -> str:
        """Return the new content of hashes.jsonl."""
        return "".join(f"{json.dumps(row)}\n" for row in self.hashes)

    def write_hashes(self) -> None:
        """Write hashes.jsonl."""
        self.write_text("hashes.jsonl", self.hashes_text())

    def write_checksums(self) -> None:
        """Write the checksums of all files that no longer change, of figures too."""
        checksums.write(self.path, without=("log.txt", "tags.txt"), below=("figures",))

    def write_black_box(
        self, accident: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]
    ) -> Path:
        """Write black_box/: accident.json, and the last steps as steps.csv; return its path."""
        (self.path / "black_box").mkdir(exist_ok=True)
        self.write_csv("black_box/steps.csv", steps)
        self.write_json("black_box/accident.json", accident)
        return self.path / "black_box"


def _remove_unborn(parent: Path) -> None:
    """Remove unfinished runs and links of killed processes."""
    for left in parent.glob(".*.tmp"):
        if left.is_symlink():
            left.unlink(missing_ok=True)
        elif _is_unborn(left):
            shutil.rmtree(left, ignore_errors=True)


def _is_unborn(hidden: Path) -> bool:
    if (hidden / locks.NAME).is_file():
        return locks.is_abandoned(hidden, _to_stderr)
    try:
        return time.time() - hidden.stat().st_mtime > _LONGEST_BIRTH
    except OSError:  # it was renamed meanwhile
        return False
