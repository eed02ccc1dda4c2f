"""Finished runs, read from their folders, and groups of runs that differ in their seed alone."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.config import read_config_file
from nntasks.errors import UsageError
from nntasks.run_folder import RunFolder


@dataclass(frozen=True)
class Record:
    """One finished run.

    Attributes:
        path: its folder.
        config: every key but the task.
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
        """How many numbers are trained; None for a run that did not say so."""
        return self.summary.get("parameters")

    @property
    def metrics(self) -> Mapping[str, float]:
        """All numbers by name; an undefined one is NaN."""
        return {k: math.nan if v is None else v for k, v in self.summary["metrics"].items()}


@dataclass(frozen=True)
class Group:
    """Runs of one configuration, by seed.

    Attributes:
        name: as it stands in tables.
        records: one or more runs.
        baseline: index of the group that it is compared with.
    """

    name: str
    records: tuple[Record, ...]
    baseline: int = 0

    def values(self, metric: str) -> dict[int, float]:
        """Return a metric by seed; runs in which it is undefined are left out."""
        found = {record.seed: record.metrics.get(metric, math.nan) for record in self.records}
        return {seed: value for seed, value in found.items() if math.isfinite(value)}


def read_record(path: Path) -> Record:
    """Read a run.

    Raises:
        UsageError: it is no run, or not finished.
    """
    folder = RunFolder.open(path)
    summary = folder.summary()
    if summary is None:
        raise UsageError(f"{path} is not finished: go on with run --resume {path}")
    config = read_config_file(folder.path / "config.yaml")
    config.pop("task", None)
    return Record(folder.path, config, summary, tuple(folder.history))


def group_by_configuration(records: Iterable[Record]) -> list[Group]:
    """Put runs together that differ in nothing but their seed; named by what sets them apart."""
    together: dict[str, list[Record]] = {}
    for record in records:
        config = {key: value for key, value in record.config.items() if key != "seed"}
        together.setdefault(json.dumps(config, sort_keys=True, default=str), []).append(record)
    groups = list(together.values())
    different = differing_keys([members[0] for members in groups])
    return [
        Group(_name(members, different), tuple(sorted(members, key=lambda r: r.seed)))
        for members in groups
    ]


def differing_keys(records: Sequence[Record]) -> list[str]:
    """Return the keys, but the seed, whose values are not the same in all runs."""
    keys = dict.fromkeys(key for record in records for key in record.config if key != "seed")
    return [key for key in keys if len({repr(r.config.get(key)) for r in records}) > 1]


def _name(members: Sequence[Record], different: Sequence[str]) -> str:
    words = [f"{key}={members[0].config.get(key)}" for key in different]
    if not words or len(words) > 3:
        return members[0].path.name
    return " ".join(words)
