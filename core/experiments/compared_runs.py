"""Finished runs beside each other, from their folders to a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError
from nntasks.experiments import comparison
from nntasks.experiments.records import Group, Record, group_by_configuration, read_record
from nntasks.experiments.report import write_html
from nntasks.interfaces.report_data import Table


@dataclass(frozen=True)
class Comparison:
    """What a comparison says.

    Attributes:
        task: of all the runs.
        groups: the runs by configuration.
        tables: what differs, every number, and the number that is compared.
        sentences: one for each group but the first.
    """

    task: str
    groups: Sequence[Group]
    tables: Sequence[Table]
    sentences: Sequence[str]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "task": self.task,
            "groups": {
                group.name: {str(r.seed): dict(r.metrics) for r in group.records}
                for group in self.groups
            },
            "verdicts": list(self.sentences),
        }


def compare_runs(paths: Sequence[Path], metric: str | None, out: Path, command: str) -> Comparison:
    """Compare finished runs of one task, and write the report.

    Args:
        paths: their folders; one that is named twice counts once.
        metric: the number to compare by; None for the first headline number.
        out: the HTML file.
        command: what to type to get the same.

    Raises:
        UsageError: the runs cannot be compared, or not by `metric`.
    """
    records = [read_record(path) for path in dict.fromkeys(path.resolve() for path in paths)]
    task = _task(records)
    groups = group_by_configuration(records)
    headline = comparison.headline_of(groups)
    chosen = _metric(records, metric, headline)
    tables = [
        comparison.configuration_table(groups),
        comparison.metrics_table(groups),
        comparison.main_table(groups, chosen),
    ]
    found = Comparison(task, groups, tables, comparison.verdicts(groups, chosen))
    write_html(
        out,
        title=f"{task}: {len(records)} runs",
        subtitle={"task": task, "compared by": chosen, "runs": len(records)},
        sentences=found.sentences,
        tables=tables,
        figures=comparison.figures(groups, list(dict.fromkeys([chosen, *headline]))),
        items=[
            {"variant": g.name, "seed": r.seed, chosen: r.metrics[chosen], "run": r.path.name}
            for g in groups
            for r in g.records
        ],
        command=command,
    )
    return found


def _task(records: Sequence[Record]) -> str:
    tasks = list(dict.fromkeys(record.summary["task"] for record in records))
    if len(tasks) > 1:
        raise UsageError(f"expected runs of one task, got runs of {', '.join(tasks)}")
    if len(records) < 2:
        raise UsageError("expected two runs or more, got one")
    return str(tasks[0])


def _metric(records: Sequence[Record], metric: str | None, headline: Sequence[str]) -> str:
    shared = [name for name in records[0].metrics if all(name in r.metrics for r in records)]
    if metric is not None and metric not in shared:
        raise UsageError(f"--metric: expected one of {', '.join(shared)}, got {metric}")
    if not shared:
        raise UsageError("these runs have no number in common")
    return metric or (headline or shared)[0]
