"""`list`: list tasks, models, metrics, data sets, loggers and plugins."""

from __future__ import annotations

import click

from nntasks.registry import KINDS, OF_TASKS, Registry, discover


@click.command("list")
@click.argument("what", type=click.Choice([*KINDS, "plugins"]), default="tasks")
def list_verb(what: str) -> None:
    """List tasks (the default), or another kind of thing that plugins provide.

    Broken plugins are quarantined and shown with the reason; the others keep working.
    """
    registry = discover()
    if what == "plugins":
        _print_columns([(p.name, p.origin, _state(p.reason)) for p in registry.plugins])
        return
    rows = []
    for entry in registry.entries(what):
        serves = (f"[{', '.join(entry.tasks)}]",) if what in OF_TASKS else ()
        rows.append((entry.name, *serves, entry.summary))
    _print_columns(rows)
    _mention_quarantine(registry)


def _state(reason: str) -> str:
    return f"quarantined: {reason}" if reason else "ready"


def _print_columns(rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(padded).rstrip())


def _mention_quarantine(registry: Registry) -> None:
    for plugin in registry.quarantined:
        click.echo(
            f"plugin {plugin.name!r} ({plugin.origin}) is quarantined: {plugin.reason}", err=True
        )
