"""Arguments that several verbs share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from nntasks.config import parse_overrides

AnyFunction = Callable[..., Any]


def keys_argument(function: AnyFunction) -> AnyFunction:
    """Take `key=value` words."""
    return click.argument("keys", nargs=-1, metavar="[KEY=VALUE]...")(function)


def seed_and_device(function: AnyFunction) -> AnyFunction:
    """Take --seed and --device, short forms of the keys of the same names."""
    function = click.option("--device", help="Where to compute: auto, cpu, cuda, cuda:N, mps.")(
        function
    )
    return click.option("--seed", help="Seed of every random stream.")(function)


def json_flag(function: AnyFunction) -> AnyFunction:
    """Take --json."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print the summary as JSON and nothing else."
    )(function)


def overrides(keys: tuple[str, ...], **short: str | None) -> Mapping[str, str]:
    """Return the overrides of the command line; options such as --seed count as keys."""
    given = {name: value for name, value in short.items() if value is not None}
    return {**parse_overrides(keys), **given}


def print_result(summary: Mapping[str, Any], folder: Path | None, tables: tuple[Any, ...]) -> None:
    """Print tables, the headline and, last, where the run lies."""
    from nntasks.report.terminal import print_metrics, print_table

    for table in tables:
        print_table(table)
    print_metrics(summary)
    if folder is not None:
        report = folder / "report.html"
        click.echo(f"run: {_short(folder)}")
        click.echo(f"report: {_short(report)}")


def print_json(summary: Mapping[str, Any]) -> None:
    """Print a summary as JSON; numbers that are not finite become null."""
    from nntasks.storage.atomic_write import to_json

    sys.stdout.write(to_json(dict(summary)))


def _short(path: Path) -> str:
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("..") else shown
