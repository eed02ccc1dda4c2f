"""One run of a list, whole or damaged; its files are read when they are needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError
from nntasks.renaming import present_name
from nntasks.run_folder import present_keys, reading, tags
from nntasks.storage import locks

FINISHED, FAILED, RUNNING, DAMAGED = "finished", "failed", "running", "damaged"
_OF_SUMMARY = ("model", "data", "seed", "seconds", "samples", "parameters", "kernels")
FACTS = ("run", "task", "state", "tags", "date", *_OF_SUMMARY, "size", "problem")
PREFIXES = ("metrics", "config")  # `config.iou` is the key where a metric has the same name
_NAME = re.compile(r"(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-\w+")


@dataclass(frozen=True)
class ListedRun:
    """A run that was found.

    Attributes:
        path: its folder.
    """

    path: Path

    @cached_property
    def _read(self) -> tuple[str, Mapping[str, Any], tuple[str, ...], str]:
        """The state, the summary, the tags, and what is wrong."""
        try:
            named = tags.read(self.path)
            summary = reading.read_summary(self.path / "summary.json")
            self._check_configuration()
        except UsageError as error:
            reason = str(error).partition(";")[0].replace(f"{self.path}/", "")
            return DAMAGED, {}, (), reason
        if summary is not None:
            return FINISHED, summary, named, ""
        if locks.is_claimed(self.path):
            return RUNNING, {}, named, ""
        return FAILED, {}, named, self._last_line()

    def _check_configuration(self) -> None:
        """Look for the task alone: reading all of the YAML takes longer than all the rest."""
        text = reading.read_text(self.path / "config.yaml")
        if text is None:
            raise UsageError("it has no config.yaml")
        if not re.search(r"^task: \S", text, re.MULTILINE):
            raise UsageError(f"{self.path / 'config.yaml'} names no task")

    def _last_line(self) -> str:
        try:
            lines = (self.path / "log.txt").read_text("utf-8", "backslashreplace").splitlines()
        except OSError:
            return "it wrote no log"
        last = lines[-1][20:] if lines else ""  # after the time of day
        return last if last.startswith("stopped: ") else f"ended after: {last or 'nothing'}"

    @property
    def state(self) -> str:
        """`FINISHED`, `RUNNING`, `DAMAGED`, or `FAILED` if it ended early and may be resumed."""
        return self._read[0]

    @property
    def summary(self) -> Mapping[str, Any]:
        """The content of summary.json; empty if the run is not finished."""
        return self._read[1]

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags."""
        return self._read[2]

    @property
    def task(self) -> str:
        """The name of the task."""
        return str(self.summary.get("task") or self.path.parent.name)

    @property
    def metrics(self) -> Mapping[str, Any]:
        """All metrics; empty if the run is not finished."""
        return dict(self.summary.get("metrics", {}))

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The keys under their present names; empty if they cannot be read."""
        try:
            return present_keys.read_keys(self.path)
        except UsageError:
            return {}

    @cached_property
    def size(self) -> int:
        """The size of all its files, in bytes."""
        return sum(file.lstat().st_size for file in self.path.rglob("*") if not file.is_dir())

    def fact(self, name: str) -> Any:
        """Return one of `FACTS`; None where it is unknown."""
        if name == "run":
            return str(self.path)
        if name == "problem":
            return self._read[3] or None
        if name == "date":
            found = _NAME.fullmatch(self.path.name)
            return "{}-{}-{} {}:{}:{}".format(*found.groups()) if found else None
        if name in _OF_SUMMARY:
            return self.summary.get(name, self.config.get(name) if not self.summary else None)
        return list(self.tags) if name == "tags" else getattr(self, name)

    def has(self, key: str) -> bool:
        """Return whether the run has a fact, a metric or a key of its configuration."""
        group, dot, rest = key.partition(".")
        if dot and group in PREFIXES:
            return self._present(rest, group) in getattr(self, group)
        known = key in ("tag", *FACTS) or key in self.metrics
        return known or self._present(key) in self.config

    def value(self, key: str) -> Any:
        """Return a fact, else a metric, else a key of the configuration; None where it has none."""
        group, dot, rest = key.partition(".")
        if dot and group in PREFIXES:
            return getattr(self, group).get(self._present(rest, group))
        if key in ("tag", *FACTS):
            return self.fact("tags" if key == "tag" else key)
        if key in self.metrics:
            return self.metrics[key]
        return self.config.get(self._present(key))

    def _present(self, key: str, group: str = "config") -> str:
        """Return the present name of a key of the configuration, and tell the user of it."""
        if group != "config" or key in self.config:
            return key
        renamed = present_keys.former_names(self.task)
        return present_name(renamed, key, {}) if key in renamed else key

    def row(self, columns: Iterable[str] = ()) -> dict[str, Any]:
        """Return the values of some columns; of all facts that are quick, and metrics, if none."""
        if columns:
            return {name: self.value(name) for name in columns}
        facts = {name: self.fact(name) for name in FACTS if name not in ("size", "problem")}
        problem = {"problem": self.fact("problem")} if self.fact("problem") else {}
        return {**facts, **self.metrics, **problem}
