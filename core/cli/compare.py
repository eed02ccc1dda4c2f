"""`compare`: finished runs beside each other."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from nntasks.cli.options import USER_PATH, json_flag, print_json
from nntasks.errors import UsageError


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, type=USER_PATH, metavar="RUN RUN...")
@click.option("--metric", help="What to compare by; the first headline number by default.")
@click.option(
    "--out",
    type=USER_PATH,
    default=Path("comparison.html"),
    show_default=True,
    help="The HTML report.",
)
@json_flag
def compare_verb(runs: tuple[Path, ...], metric: str | None, out: Path, as_json: bool) -> None:
    """Show how runs differ in configuration and in what they reached.

    \b
    nntasks compare runs/yolo_detect/20261123-1* --out comparison.html

    Runs that differ in nothing but their seed count as one, with a mean and a 95 % interval.
    Differences are from the first, seed by seed.
    """
    from nntasks.experiments import comparison
    from nntasks.experiments.records import group_by_configuration, read_record
    from nntasks.experiments.report import write_html
    from nntasks.report.terminal import print_table

    records = [read_record(path) for path in dict.fromkeys(path.resolve() for path in runs)]
    tasks = list(dict.fromkeys(record.summary["task"] for record in records))
    if len(tasks) > 1:
        raise UsageError(f"expected runs of one task, got runs of {', '.join(tasks)}")
    if len(records) < 2:
        raise UsageError("expected two runs or more, got one")
    groups = group_by_configuration(records)
    headline = comparison.headline_of(groups)
    shared = [name for name in records[0].metrics if all(name in r.metrics for r in records)]
    if metric is not None and metric not in shared:
        raise UsageError(f"--metric: expected one of {', '.join(shared)}, got {metric}")
    if not shared:
        raise UsageError("these runs have no number in common")
    chosen = metric or (headline or shared)[0]
    sentences = comparison.verdicts(groups, chosen)
    tables = [
        comparison.configuration_table(groups),
        comparison.metrics_table(groups),
        comparison.main_table(groups, chosen),
    ]
    write_html(
        out,
        title=f"{tasks[0]}: {len(records)} runs",
        subtitle={"task": tasks[0], "compared by": chosen, "runs": len(records)},
        sentences=sentences,
        tables=tables,
        figures=comparison.figures(groups, list(dict.fromkeys([chosen, *headline]))),
        items=[
            {"variant": g.name, "seed": r.seed, chosen: r.metrics[chosen], "run": r.path.name}
            for g in groups
            for r in g.records
        ],
        command=shlex.join(["nntasks", *sys.argv[1:]]),
    )
    if as_json:
        print_json(
            {
                "task": tasks[0],
                "groups": {
                    g.name: {str(r.seed): dict(r.metrics) for r in g.records} for g in groups
                },
                "verdicts": sentences,
            }
        )
        return
    for table in tables:
        if table.rows:
            print_table(table)
    for sentence in sentences:
        click.echo(sentence)
    click.echo(f"report: {out}")
