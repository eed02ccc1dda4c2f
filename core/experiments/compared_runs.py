"""Compare finished runs: read their folders and write a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.errors import NNTasksError, UsageError
from nntasks.experiments import comparison
from nntasks.experiments.metric_names import require_metric
from nntasks.experiments.records import Group, Record, group_by_configuration, read_record
from nntasks.experiments.report import require_own, write_html
from nntasks.interfaces.report_data import ReportContent, Table
from nntasks.registry import discover


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison.

    Attributes:
        task: the task of all runs.
        groups: the runs by configuration.
        tables: the keys that differ, all metrics, the compared metric, and those of the task.
        sentences: one conclusion per group except the first.
    """

    task: str
    groups: Sequence[Group]
    tables: Sequence[Table]
    sentences: Sequence[str]

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values."""
        return {
            "task": self.task,
            "groups": {
                group.name: {str(r.seed): dict(r.metrics) for r in group.records}
                for group in self.groups
            },
            "verdicts": list(self.sentences),
        }


def compare_runs(
    paths: Sequence[Path], metric: str | None, out: Path | None, command: str = ""
) -> Comparison:
    """Compare finished runs of one task.

    Args:
        paths: their folders; duplicates count once.
        metric: the metric to compare; None for the first headline metric.
        out: the HTML report to write; None for none.
        command: the command line that produces this comparison.

    Raises:
        UsageError: the runs cannot be compared, lack `metric`, or `out` is there and is no report
            of ours.
    """
    if out is not None:
        require_own(out)
    records = [read_record(path) for path in dict.fromkeys(path.resolve() for path in paths)]
    task = _task(records)
    groups = group_by_configuration(records)
    headline = comparison.headline_of(groups)
    chosen = _metric(records, metric, headline)
    tables = [
        comparison.configuration_table(groups),
        comparison.metrics_table(groups),
        comparison.main_table(groups, chosen),
        *_of_task(task, groups),
    ]
    found = Comparison(task, groups, tables, comparison.verdicts(groups, chosen))
    if out is not None:
        _write(found, records, chosen, out, command)
    return found


def _of_task(name: str, groups: Sequence[Group]) -> list[Table]:
    """Return the tables that the task itself adds; none if its plugin is not here."""
    try:
        tables = discover().resolve_comparison(name)
    except NNTasksError:
        return []
    runs = {group.name: [record.path for record in group.records] for group in groups}
    return [] if tables is None else list(tables(runs))


def _write(
    found: Comparison, records: Sequence[Record], chosen: str, out: Path, command: str
) -> None:
    groups, headline = found.groups, comparison.headline_of(found.groups)
    content = ReportContent(
        title=f"{found.task}: {len(records)} runs",
        subtitle={"task": found.task, "compared by": chosen, "runs": len(records)},
        tables=found.tables,
        items=[
            {"variant": g.name, "seed": r.seed, chosen: r.metrics[chosen], "run": r.path.name}
            for g in groups
            for r in g.records
        ],
        command=command,
    )
    figures = comparison.figures(groups, list(dict.fromkeys([chosen, *headline])))
    write_html(out, content, findings=found.sentences, figures=figures)


def _task(records: Sequence[Record]) -> str:
    tasks = list(dict.fromkeys(record.summary["task"] for record in records))
    if len(tasks) > 1:
        raise UsageError(f"expected runs of one task, got runs of {', '.join(tasks)}")
    if len(records) < 2:
        raise UsageError("expected two runs or more, got one")
    return str(tasks[0])


def _metric(records: Sequence[Record], metric: str | None, headline: Sequence[str]) -> str:
    shared = [name for name in records[0].metrics if all(name in r.metrics for r in records)]
    if not shared:
        raise UsageError("these runs have no metric in common")
    if metric is not None:
        require_metric(metric, shared)
    return metric or (headline or shared)[0]
