"""Shell completion of tasks, keys and values, for click's own mechanism."""

from __future__ import annotations

import contextlib
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any

import click
from click.shell_completion import CompletionItem
from pydantic.fields import FieldInfo

from nntasks.errors import NNTasksError

_REGISTERED = {"data": "datasets", "model": "models", "metrics": "metrics", "log": "loggers"}


def tasks(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a task."""
    from nntasks.registry import discover

    entries = discover().entries("tasks")
    return [
        CompletionItem(entry.name, help=entry.summary)
        for entry in entries
        if entry.name.startswith(incomplete)
    ]


def keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete `key=` of the task, and after it the values that the key can have.

    bash takes `=` for the end of a word: what it completes then is the value alone.
    """
    task = str(ctx.params.get("task") or "")
    fields = _fields(task)
    before = list(ctx.params.get("keys") or ())
    if before[-1:] == ["="]:
        before.pop()
    if before and "=" not in before[-1]:  # a key whose = was taken for the end of a word
        return _starting(_values(task, fields, before[-1]), incomplete)
    key, equals, value = incomplete.partition("=")
    if equals:
        found = _starting(_values(task, fields, key), value)
        return [CompletionItem(f"{key}={item.value}") for item in found]
    return [
        CompletionItem(f"{name}=", help=field.description)
        for name, field in fields.items()
        if name.startswith(incomplete)
    ]


def _fields(task: str) -> dict[str, FieldInfo]:
    """Return the keys of a task; none where it is not known."""
    from nntasks.experiments.key_fields import fields_of
    from nntasks.runner import make_task

    with contextlib.suppress(NNTasksError):
        return dict(fields_of(make_task(task, [])))
    return {}


def _values(task: str, fields: dict[str, FieldInfo], key: str) -> list[str]:
    if key in _REGISTERED and fields:
        from nntasks.registry import discover

        return [entry.name for entry in discover().entries(_REGISTERED[key], task=task)]
    field = fields.get(key)
    return [] if field is None else list(_choices(field.annotation))


def _choices(annotation: Any) -> Iterator[str]:
    """Yield the values of a key that has only so many."""
    if annotation is bool:
        yield from ("yes", "no")
    elif annotation is type(None):
        yield "none"
    elif typing.get_origin(annotation) is typing.Literal:
        yield from map(str, typing.get_args(annotation))
    elif typing.get_origin(annotation) in (typing.Union, types.UnionType):
        for one in typing.get_args(annotation):
            yield from _choices(one)


def _starting(values: Iterable[str], start: str) -> list[CompletionItem]:
    return [CompletionItem(value) for value in values if value.startswith(start)]
