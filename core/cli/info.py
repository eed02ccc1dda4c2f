"""`info`: every key of a task, and what fits it."""

from __future__ import annotations

import inspect
from typing import Any

import click

from nntasks.config import Options, describe_values
from nntasks.registry import Registry, discover

_HIDDEN = ("data_options", "model_options")  # spelled data.KEY and model.KEY, listed below


@click.command("info")
@click.argument("task")
def info_verb(task: str) -> None:
    """Show every key of TASK with its default, its values and its meaning.

    Also lists the models, data sets and metrics that fit, and the options of each data set and
    model. Example: nntasks info yolo_detect
    """
    registry = discover()
    entry = registry.entry("tasks", task)
    kind = registry.resolve("tasks", task)
    click.echo(f"{task}: {entry.summary}")
    if kind.__doc__:
        click.echo("\n" + inspect.cleandoc(kind.__doc__))
    click.echo("\nKeys (key=value):")
    _print_keys(kind.Config)
    _print_choices(registry, "models", "Models (model=NAME)", task, "model.")
    _print_choices(registry, "datasets", "Data sets (data=NAME)", task, "data.")
    _print_choices(registry, "metrics", "Metrics (metrics=NAME,NAME)", task, "")


def _print_choices(registry: Registry, kind: str, title: str, task: str, prefix: str) -> None:
    click.echo(f"\n{title}:")
    for entry in registry.entries(kind, task=task):
        click.echo(f"  {entry.name:<14} {entry.summary}")
        schema = getattr(registry.resolve(kind, entry.name), "Config", None) if prefix else None
        if schema is not None:
            _print_keys(schema, prefix, indent=4)


def _print_keys(schema: type[Options], prefix: str = "", indent: int = 2) -> None:
    for key, field in schema.model_fields.items():
        if key in _HIDDEN:
            continue
        required = field.is_required()
        default = "required" if required else f"default {_shown(field.get_default())}"
        click.echo(f"{' ' * indent}{prefix}{key:<18} {default}; {describe_values(field)}")
        click.echo(f"{' ' * (indent + 4)}{field.description or ''}")


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return str(value)
