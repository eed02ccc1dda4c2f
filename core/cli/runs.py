"""`runs`: list, tag and remove runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from nntasks.cli.options import USER_PATH, json_flag, print_json

if TYPE_CHECKING:
    from nntasks.run_list.listed_run import ListedRun
    from nntasks.run_list.pruning import Pruning

_MOST_ROWS = 24  # in the terminal, without --limit
_MOST_METRICS = 4  # columns of metrics, without --columns


def _keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a fact, a metric or a key of the runs, also after a comma."""
    from nntasks.errors import NNTasksError
    from nntasks.run_list import conditions, finding

    before, comma, word = incomplete.rpartition(",")
    try:
        known = conditions.known_keys(finding.find(ctx.params.get("out") or Path("runs")))
    except NNTasksError:
        return []
    return [CompletionItem(before + comma + key) for key in known if key.startswith(word)]


_OUT = click.option(
    "--out", type=USER_PATH, default=Path("runs"), show_default=True, help="Folder of the runs."
)
_WHERE = click.option(
    "--where",
    multiple=True,
    metavar="CONDITION",
    help="KEY=VALUE, or !=, <, <=, > or >=; repeatable: all conditions must hold.",
    shell_complete=_keys,
)


@click.group("runs", invoke_without_command=True)
@_OUT
@_WHERE
@click.option(
    "--sort", default="", metavar="KEY", shell_complete=_keys, help="Sort by KEY, largest first."
)
@click.option("--reverse", is_flag=True, help="Reverse the order.")
@click.option("--limit", type=click.IntRange(1), help="Number of runs.")
@click.option(
    "--columns", default="", metavar="KEY,KEY...", shell_complete=_keys, help="Columns to show."
)
@click.option("--csv", "csv_file", type=USER_PATH, metavar="FILE", help="Write a CSV file.")
@json_flag
@click.pass_context
def runs_verb(
    ctx: click.Context,
    out: Path,
    where: tuple[str, ...],
    sort: str,
    reverse: bool,
    limit: int | None,
    columns: str,
    csv_file: Path | None,
    as_json: bool,
) -> None:
    """List runs, the newest first; tag and remove them.

    \b
    nntasks runs
    nntasks runs --where task=unet_segment --where "dice>0.9" --sort dice
    nntasks runs --where loss=focal --columns run,dice,lr,seed
    nntasks runs --where state=failed
    nntasks runs --csv runs.csv
    nntasks runs tag runs/unet_segment/latest baseline

    A KEY is a fact (run, task, state, tag, date, model, data, seed, seconds, size), a metric, or a
    key of the configuration. States are finished, running, failed (ended early, can be resumed)
    and damaged.
    """
    if ctx.invoked_subcommand is not None:
        return
    from nntasks.run_list import csv_file as written
    from nntasks.run_list.query import Query

    chosen = [name.strip() for name in columns.split(",") if name.strip()]
    runs = Query(where, sort, reverse, limit, chosen).answer(out)
    rows = [run.row(chosen) for run in runs]
    if csv_file is not None:
        written.write(csv_file, rows, chosen)
        click.echo(f"written: {csv_file}", err=True)
    if as_json:
        print_json({"runs": rows})
    elif csv_file is None:
        _print(runs, chosen or _columns(runs), limit)


@runs_verb.command("tag")
@click.argument("run", type=USER_PATH)
@click.argument("tags", nargs=-1, required=True)
def tag(run: Path, tags: tuple[str, ...]) -> None:
    """Add TAGS to a RUN."""
    _change(run, add=tags)


@runs_verb.command("untag")
@click.argument("run", type=USER_PATH)
@click.argument("tags", nargs=-1, required=True)
def untag(run: Path, tags: tuple[str, ...]) -> None:
    """Remove TAGS from a RUN."""
    _change(run, remove=tags)


@runs_verb.command("prune")
@_OUT
@_WHERE
@click.option(
    "--keep-best",
    type=click.IntRange(0),
    metavar="N",
    help="Remove finished runs except the N best of each task.",
)
@click.option(
    "--by", metavar="METRIC", help="Metric that defines best; by default the first headline metric."
)
@click.option("--tagged", is_flag=True, help="Tagged runs, too.")
@click.option("--latest", is_flag=True, help="Also remove the runs that `latest` points to.")
@click.option("--yes", is_flag=True, help="Remove them; otherwise they are only listed.")
@json_flag
def prune(
    out: Path,
    where: tuple[str, ...],
    keep_best: int | None,
    by: str | None,
    tagged: bool,
    latest: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Remove runs; without --yes, only list them with their sizes.

    \b
    nntasks runs prune --where state=failed
    nntasks runs prune --where task=numpy_mlp --keep-best 5 --by accuracy --yes

    A running run is never removed; tagged ones and those that `latest` names stay unless asked for.
    """
    from nntasks.run_list import finding, pruning

    choice = pruning.Choice(where, keep_best, by, tagged, latest)
    found = pruning.plan(finding.find(out), choice)
    done = found.to_dict()  # before they are gone
    if not as_json:
        _print_pruning(found, yes)
    for run in found.removed if yes else ():
        pruning.remove(run, lambda line: click.echo(line, err=True))
    if as_json:
        print_json({**done, "removed": yes})


def _change(run: Path, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    from nntasks.run_folder import RunFolder, tags

    folder = RunFolder.open(run).path
    now = tags.change(folder, add, remove)
    click.echo(f"{folder.name}: {', '.join(now) or 'no tags'}")


def _columns(runs: Sequence[ListedRun]) -> list[str]:
    """Return what suits a terminal: state, headline metrics, and tags and problems if any."""
    headline = dict.fromkeys(n for run in runs for n in run.summary.get("headline", ()))
    tags = ["tags"] if any(run.tags for run in runs) else []
    problem = ["problem"] if any(run.fact("problem") for run in runs) else []
    return ["run", "state", *list(headline)[:_MOST_METRICS], *tags, *problem]


def _print(runs: Sequence[ListedRun], columns: Sequence[str], limit: int | None) -> None:
    from nntasks.interfaces.report_data import Table
    from nntasks.report.terminal import print_table

    if not runs:
        click.echo("no runs")
        return
    shown = runs[: limit or _MOST_ROWS]
    rows = [[_shown(run.value(name)) for name in columns] for run in shown]
    title = f"{len(runs)} {'run' if len(runs) == 1 else 'runs'}"
    print_table(Table("runs", title, columns, rows), most_rows=len(rows))
    if len(shown) < len(runs):
        click.echo(f"... and {len(runs) - len(shown)} more; --limit {len(runs)} shows all")


def _print_pruning(found: Pruning, yes: bool) -> None:
    from nntasks.interfaces.report_data import Table
    from nntasks.report.formatting import file_size
    from nntasks.report.terminal import print_table

    rows = [[str(run.path), run.state, file_size(run.size)] for run in found.removed]
    if rows:
        title = "removed" if yes else "would be removed"
        print_table(Table("runs", title, ("run", "state", "size"), rows), most_rows=len(rows))
    kept = ", ".join(f"{count} {reason}" for reason, count in found.kept.items())
    what = f"{len(rows)} {'run' if len(rows) == 1 else 'runs'}, {file_size(found.size)}"
    click.echo(f"{'removing' if yes else 'would remove'} {what}; kept: {kept or 'none of those'}")
    if rows and not yes:
        click.echo("add --yes to remove them")


def _shown(value: Any) -> Any:
    return None if value in (None, [], ()) else value
