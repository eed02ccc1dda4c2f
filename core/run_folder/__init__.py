"""Everything a run writes, each file whole or not at all.

`runs/<task>/<date-time>-<id>/` holds config.yaml, environment.json, metrics.jsonl, summary.json,
items.csv, checkpoints/, figures/, report.html and log.txt; `runs/<task>/latest` links the newest.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError
from nntasks.storage import atomic_write
from nntasks.storage.csv_text import to_csv


class RunFolder:
    """The folder of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._log = self._read_log()
        self.history = self._read_history()

    @classmethod
    def create(
        cls, out: Path, task: str, config: Mapping[str, Any], environment: Mapping[str, Any]
    ) -> RunFolder:
        """Create a new run below `out`; it appears with its configuration, ready to be resumed.

        Raises:
            UsageError: `out` cannot be written.
        """
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        parent = out / task
        hidden = parent / f".{name}.tmp"
        try:
            (hidden / "checkpoints").mkdir(parents=True)
            (hidden / "figures").mkdir()
        except OSError as error:
            raise UsageError(
                f"cannot write to {parent}: {error.strerror}; choose another folder with --out"
            ) from error
        folder = cls(hidden)
        try:
            folder.write_yaml("config.yaml", {"task": task, **config})
            folder.write_json("environment.json", environment)
            os.rename(hidden, parent / name)
        except BaseException:
            shutil.rmtree(hidden, ignore_errors=True)
            raise
        folder.path = parent / name
        folder._link_latest()
        return folder

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open the folder of an earlier run.

        Raises:
            UsageError: there is no run in that folder.
        """
        if not (path / "config.yaml").is_file():
            raise UsageError(
                f"{path} is no run: expected a folder with config.yaml, such as "
                "runs/<task>/latest or runs/<task>/<date-time>-<id>"
            )
        return cls(path.resolve())

    def _link_latest(self) -> None:
        link = self.path.parent / "latest"
        temporary = link.with_name(f".latest.{secrets.token_hex(4)}.tmp")
        try:
            temporary.symlink_to(self.path.name, target_is_directory=True)
            os.replace(temporary, link)
        except OSError:  # a file system without links: the run itself is complete without one
            temporary.unlink(missing_ok=True)

    @property
    def checkpoints(self) -> Path:
        """Where checkpoints lie."""
        return self.path / "checkpoints"

    def write_bytes(self, name: str, data: bytes) -> None:
        """Write a file of the run."""
        atomic_write.write_bytes(self.path / name, data)

    def write_text(self, name: str, text: str) -> None:
        """Write a text file of the run."""
        atomic_write.write_text(self.path / name, text)

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
        """Read a JSON file of the run; None where it is not there."""
        path = self.path / name
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def log(self, line: str) -> None:
        """Add a line with the time of day to log.txt."""
        self._log.append(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {line}")
        self.write_text("log.txt", "\n".join(self._log) + "\n")

    def _read_log(self) -> list[str]:
        path = self.path / "log.txt"
        return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []

    @property
    def log_lines(self) -> list[str]:
        """What was logged so far."""
        return list(self._log)

    def add_scalars(self, row: Mapping[str, Any]) -> None:
        """Add a row to the history; `write_history` puts it on disk."""
        self.history.append(dict(row))

    def write_history(self) -> None:
        """Write metrics.jsonl."""
        lines = (json.dumps(json.loads(atomic_write.to_json(row))) for row in self.history)
        self.write_text("metrics.jsonl", "".join(f"{line}\n" for line in lines))

    def _read_history(self) -> list[dict[str, Any]]:
        path = self.path / "metrics.jsonl"
        if not path.is_file():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
