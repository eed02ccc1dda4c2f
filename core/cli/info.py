"""`info`: the keys of a task and the entries that serve it."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from nntasks import contracts
from nntasks.cli.options import task_argument
from nntasks.config import Options, TaskConfig, describe_values
from nntasks.errors import NNTasksError, UsageError, did_you_mean
from nntasks.registry import Registry, discover

if TYPE_CHECKING:
    from nntasks.interfaces import Task

_HIDDEN = ("data_options", "model_options")  # listed below as data.KEY and model.KEY
_FIRST = ("data", "model", "epochs", "lr", "batch_size", "weights", "seed", "device")


@click.command("info")
@task_argument
@click.argument("key", required=False)
def info_verb(task: str, key: str | None) -> None:
    """Show every key of TASK with its default, values and meaning, or only KEY.

    \b
    nntasks info yolo_detect
    nntasks info yolo_detect iou
    nntasks info cnn_classify data.validation

    The most common keys come first. Also lists the models, data sets, metrics and recipes of the
    task, and the options of each data set and model.
    """
    if key is not None:
        _print_key(task, key)
        return
    registry = discover()
    entry = registry.entry("tasks", task)
    kind = contracts.task_class(registry, task)
    click.echo(f"{task}: {entry.summary}")
    if kind.__doc__:
        click.echo("\n" + inspect.cleandoc(kind.__doc__))
    if kind.headline:
        click.echo(f"\nHeadline metrics: {', '.join(kind.headline)}")
    for title, keys in _groups(kind):
        click.echo(f"\n{title}:")
        _print_keys(kind.Config, keys)
    _print_choices(registry, "models", "Models (model=NAME)", task, "model.")
    _print_choices(registry, "datasets", "Data sets (data=NAME)", task, "data.")
    _print_choices(registry, "metrics", "Metrics (metrics=NAME,NAME)", task, "")
    _print_recipes(kind)
    if entry.scorer:
        scorer = contracts.scorer_class(registry, task)
        click.echo(
            f"\nScore (nntasks score {task} truth=PATH found=PATH...), from {scorer.inputs}"
            f"{':' if scorer.Config.model_fields else ''}"
        )
        _print_keys(scorer.Config, scorer.Config.model_fields)


def _groups(kind: type[Task]) -> Iterator[tuple[str, list[str]]]:
    """Yield titles and keys: the common keys, the task's own keys, all others."""
    keys = [key for key in kind.Config.model_fields if key not in _HIDDEN]
    first = [key for key in _FIRST if key in keys]
    shared = _shared_keys(kind.Config)
    own = [key for key in keys if key not in shared and key not in first]
    others = [key for key in keys if key in shared and key not in first]
    for title, group in (
        ("Keys (key=value)", first),
        ("Keys of this task", own),
        ("More keys", others),
    ):
        if group:
            yield title, group


def _shared_keys(schema: type[Options]) -> set[str]:
    """Return the keys that come from core's configurations and so exist in other tasks, too."""
    core = [p for p in schema.__mro__ if issubclass(p, TaskConfig) and _of_core(p.__module__)]
    return {key for parent in core for key in parent.model_fields}


def _of_core(module: str) -> bool:
    return module.startswith("nntasks.") and not module.startswith("nntasks.plugins.")


def _print_choices(registry: Registry, kind: str, title: str, task: str, prefix: str) -> None:
    click.echo(f"\n{title}:")
    for entry in registry.entries(kind, task=task):
        click.echo(f"  {entry.name:<14} {entry.summary}")
        if not prefix:
            continue
        try:
            schema = getattr(registry.resolve(kind, entry.name), "Config", None)
        except NNTasksError as error:  # one entry fails; the others are still listed
            click.echo(f"    cannot be used here: {error}")
            continue
        if schema is not None:
            _print_keys(schema, schema.model_fields, prefix, indent=4)


def _print_recipes(kind: type[Task]) -> None:
    from nntasks.runner.recipes import recipes_of

    for title, ladders in (
        ("Recipes (run --config NAME)", False),
        ("Ladders (ablate --ladder NAME)", True),
    ):
        found = [recipe for recipe in recipes_of(kind) if recipe.is_ladder == ladders]
        if found:
            click.echo(f"\n{title}:")
        for recipe in found:
            click.echo(f"  {recipe.name:<14} {recipe.summary}")


def _print_key(task: str, key: str) -> None:
    """Print one key: of the task, or each data set's or model's option of this name."""
    registry = discover()
    schemas: list[tuple[str, type[Options]]] = [("", contracts.task_class(registry, task).Config)]
    for group, kind in (("data", "datasets"), ("model", "models")):
        for entry in registry.entries(kind, task=task):
            with contextlib.suppress(NNTasksError):  # it cannot be used here
                schema = getattr(registry.resolve(kind, entry.name), "Config", None)
                schemas += [(f"{group}={entry.name}", schema)] if schema is not None else []
    known = {key for place, schema in schemas for key in _names(place, schema)}
    for place, schema in schemas:
        group = place.partition("=")[0]
        if (former := key.removeprefix(f"{group}.")) in schema.renamed:
            raise UsageError(
                f"{key} is called {key.removesuffix(former)}{schema.renamed[former]} now"
            )
    if key not in known:
        hint = did_you_mean(key, known) or f" nntasks info {task} lists all."
        raise UsageError(f"{task} has no key {key!r}.{hint}")
    for place, schema in schemas:
        if key in _names(place, schema):
            click.echo(f"{place or task}:")
            group = place.partition("=")[0]
            prefix = f"{group}." if group else ""
            _print_keys(schema, [key.removeprefix(prefix)], prefix)


def _names(place: str, schema: type[Options]) -> list[str]:
    group = place.partition("=")[0]
    keys = [key for key in schema.model_fields if key not in _HIDDEN]
    return [f"{group}.{key}" for key in keys] if group else keys


def _print_keys(
    schema: type[Options], keys: Iterable[str], prefix: str = "", indent: int = 2
) -> None:
    for key in keys:
        field = schema.model_fields[key]
        default = "required" if field.is_required() else f"default {_shown(field.get_default())}"
        values = describe_values(field)
        click.echo(f"{' ' * indent}{prefix}{key:<18} {default}; {values}")
        meaning = (field.description or "").removesuffix(f": {values}")
        click.echo(f"{' ' * (indent + 4)}{meaning}")


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return str(value) or "empty"
