"""Arguments shared by several verbs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from nntasks.cli import completion
from nntasks.config import parse_overrides

AnyFunction = Callable[..., Any]


class _UserPath(click.ParamType):  # type: ignore[type-arg]  # generic in new releases alone
    """A path in which a leading ~ means the home folder; never empty, as an unset variable is."""

    name = "path"

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        if not str(value).strip():
            raise click.BadParameter("expected a path, got an empty text", ctx, param)
        try:
            return Path(value).expanduser()
        except RuntimeError:  # ~NAME of an unknown user
            return Path(value)


USER_PATH = _UserPath()


def keys_argument(function: AnyFunction) -> AnyFunction:
    """Take `key=value` arguments."""
    return click.argument(
        "keys", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=completion.keys
    )(function)


def task_argument(function: AnyFunction) -> AnyFunction:
    """Take the name of a task."""
    return click.argument("task", shell_complete=completion.tasks)(function)


def seed_and_device(function: AnyFunction) -> AnyFunction:
    """Take --seed and --device, which set the keys of the same names."""
    function = click.option("--device", help="Device: auto, cpu, cuda, cuda:N or mps.")(function)
    return click.option("--seed", help="Seed of all random streams.")(function)


def json_flag(function: AnyFunction) -> AnyFunction:
    """Take --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print only the summary, as JSON.")(
        function
    )


def dry_run_flag(what: str) -> Callable[[AnyFunction], AnyFunction]:
    """Take --dry-run, with one line on what it checks and prints."""
    return click.option("--dry-run", is_flag=True, help=what)


def all_flag(function: AnyFunction) -> AnyFunction:
    """Take --all."""
    return click.option(
        "--all", "everything", is_flag=True, help="Print all metrics, not just the headline."
    )(function)


def overrides(keys: tuple[str, ...], **short: str | None) -> Mapping[str, str]:
    """Return the keys given on the command line, including options such as --seed."""
    given = {name: value for name, value in short.items() if value is not None}
    return {**parse_overrides(keys), **given}


def print_result(result: Any, everything: bool = False) -> None:
    """Print a result's tables, its headline (or all metrics) and the run's folder."""
    from nntasks.advice.judging import lines
    from nntasks.report.formatting import from_here
    from nntasks.report.terminal import print_metrics, print_table

    for table in result.tables:
        print_table(table)
    print_metrics(result.summary, everything=everything)
    for line in lines(result.summary.get("verdict", {})):
        click.echo(line)
    if result.folder is not None:
        report = result.folder / "report.html"
        click.echo(f"run: {from_here(result.folder)}")
        click.echo(f"report: {from_here(report)}")


def print_json(summary: Mapping[str, Any]) -> None:
    """Print a summary as ASCII JSON, which every terminal can encode (see `to_json`)."""
    from nntasks.storage.atomic_write import to_json

    sys.stdout.write(to_json(dict(summary), ascii_only=True))
