"""The keys of a task and of its data sets and models; alternatives for one key."""

from __future__ import annotations

import csv
import types
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from nntasks.config import IsPath, parse_overrides
from nntasks.errors import NNTasksError
from nntasks.interfaces import Task
from nntasks.renaming import typed_keys

Fields = Mapping[str, FieldInfo]


def with_present_names(task: Task, words: Iterable[str]) -> list[str]:
    """Return `key=value` arguments with the present names of their keys (see `renaming`).

    Raises:
        UsageError: a key is given by both its names.
    """
    given = typed_keys(type(task.config).renamed, parse_overrides(words))
    return [f"{key}={value}" for key, value in given.items()]


def fields_of(task: Task, words: Iterable[str] = ()) -> Fields:
    """Return every key of a task: its own, and `data.KEY` and `model.KEY` of the named entries.

    Args:
        task: with its default configuration.
        words: `key=value` arguments; `data=a,b` and `model=a,b` name more data sets and models.
    """
    given, registry = parse_overrides(words), task.context.registry
    fields = dict(type(task.config).model_fields)
    for group, kind in (("data", "datasets"), ("model", "models")):
        for name in str(given.get(group, getattr(task.config, group))).split(","):
            try:
                found = registry.resolve(kind, name, task=task.context.task)
            except NNTasksError:
                continue  # the run that uses it reports the error
            schema = getattr(found, "Config", None)
            for key, field in schema.model_fields.items() if schema else ():
                fields.setdefault(f"{group}.{key}", field)
    return fields


def alternatives(fields: Fields, key: str, value: str) -> list[str]:
    """Split a value into alternatives.

    Commas separate alternatives. Keys that take a list or a path use colons, as their values may
    contain commas. Quotation marks keep a value together: `"a,b",c` is two.
    """
    separator = ":" if takes_commas(fields, key) else ","
    return next(csv.reader([value], delimiter=separator), []) or [""]


def takes_commas(fields: Fields, key: str) -> bool:
    """Return whether a value of the key may contain commas: the key takes a list or a path."""
    field = fields.get(key)
    if field is None:
        return False
    return IsPath in field.metadata or _is_list_or_path(field.annotation)


def _is_list_or_path(annotation: Any) -> bool:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType, typing.Annotated):
        return any(_is_list_or_path(argument) for argument in arguments)
    return origin is tuple or annotation is Path
