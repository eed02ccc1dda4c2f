"""Finished runs, read from their folders, and groups of runs that differ only in the seed."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError
from nntasks.run_folder import RunFolder
from nntasks.run_folder.present_keys import read_keys

NO_VARIANTS = ("seed", "log")  # keys in which runs of one group may differ
_LONG = 40  # characters of a path, which names show the end of


@dataclass(frozen=True)
class Record:
    """One finished run.

    Attributes:
        path: its folder.
        config: all keys except the task, under their present names.
        summary: the content of summary.json.
        history: the rows of metrics.jsonl.
    """

    path: Path
    config: Mapping[str, Any]
    summary: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]]

    @property
    def seed(self) -> int:
        return int(self.summary["seed"])

    @property
    def parameters(self) -> int | None:
        """The number of trained parameters; None if the run did not record it."""
        return self.summary.get("parameters")

    @property
    def metrics(self) -> Mapping[str, float]:
        """All metrics by name; undefined ones are NaN."""
        return {k: math.nan if v is None else v for k, v in self.summary["metrics"].items()}


@dataclass(frozen=True)
class Group:
    """Runs of one configuration, by seed.

    Attributes:
        name: its label in tables.
        records: one or more runs.
        baseline: the index of the group to compare with.
    """

    name: str
    records: tuple[Record, ...]
    baseline: int = 0

    def values(self, metric: str) -> dict[int, float]:
        """Return a metric by seed, without runs in which it is undefined."""
        found = {record.seed: record.metrics.get(metric, math.nan) for record in self.records}
        return {seed: value for seed, value in found.items() if math.isfinite(value)}


def read_record(path: Path) -> Record:
    """Read a run.

    Raises:
        UsageError: the folder is not a run, or the run is not finished.
    """
    folder = RunFolder.open(path)
    summary = folder.summary()
    if summary is None:
        raise UsageError(f"{path} is not finished; continue with: nntasks run --resume {path}")
    config = read_keys(folder.path)
    config.pop("task", None)
    return Record(folder.path, config, summary, tuple(folder.history))


def group_by_configuration(records: Iterable[Record]) -> list[Group]:
    """Group runs that differ only in the seed, and name each group after its differing keys."""
    together: dict[str, list[Record]] = {}
    for record in records:
        config = {k: value for k, value in record.config.items() if k not in NO_VARIANTS}
        together.setdefault(json.dumps(config, sort_keys=True, default=str), []).append(record)
    groups = list(together.values())
    different = differing_keys([members[0] for members in groups])
    names = [_name(members, different) for members in groups]
    times = Counter(names)
    return [
        Group(
            name if times[name] == 1 else members[0].path.name,
            tuple(sorted(members, key=lambda r: r.seed)),
        )
        for name, members in zip(names, groups, strict=True)
    ]


def differing_keys(records: Sequence[Record]) -> list[str]:
    """Return the keys, except `NO_VARIANTS`, whose values differ between runs."""
    keys = dict.fromkeys(key for record in records for key in record.config)
    varied = [key for key in keys if key not in NO_VARIANTS]
    return [key for key in varied if len({repr(r.config.get(key)) for r in records}) > 1]


def _name(members: Sequence[Record], different: Sequence[str]) -> str:
    words = [f"{key}={_typed(members[0].config.get(key))}" for key in different]
    if not words or len(words) > 3:
        return members[0].path.name
    return " ".join(words)


def _typed(value: Any) -> str:
    """Return a value as it is typed: the members of a list with commas, the end of a long path."""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    if len(text) > _LONG and os.sep in text:
        return f"...{os.sep}{os.sep.join(text.split(os.sep)[-2:])}"
    return text
