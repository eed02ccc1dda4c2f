"""`compare`: compare finished runs."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from nntasks.cli.options import USER_PATH, json_flag, print_json


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, type=USER_PATH, metavar="RUN RUN...")
@click.option("--metric", help="Metric to compare; by default the first headline metric.")
@click.option(
    "--out",
    type=USER_PATH,
    default=Path("comparison.html"),
    show_default=True,
    help="Path of the HTML report.",
)
@json_flag
def compare_verb(runs: tuple[Path, ...], metric: str | None, out: Path, as_json: bool) -> None:
    """Compare the configuration and the metrics of runs.

    \b
    nntasks compare runs/yolo_detect/20261123-1* --out comparison.html

    Runs that differ only in the seed form a group with a mean and a 95 % interval. Differences
    are paired by seed and relative to the first group.
    """
    from nntasks.experiments.compared_runs import compare_runs
    from nntasks.report.terminal import print_table

    found = compare_runs(runs, metric, out, shlex.join(["nntasks", *sys.argv[1:]]))
    if as_json:
        print_json(found.to_dict())
        return
    for table in found.tables:
        if table.rows:
            print_table(table)
    for sentence in found.sentences:
        click.echo(sentence)
    click.echo(f"report: {out}")
