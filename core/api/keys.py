"""Python values as the words of the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from nntasks.experiments.key_fields import Fields, takes_commas


def as_words(fields: Fields, keys: Mapping[str, Any]) -> list[str]:
    """Return `key=value` for each key; a list holds alternatives.

    For a key that takes a list, a list of lists holds alternatives and a plain list is one value.

    Args:
        fields: the keys of the task, which tell what a list means.
        keys: the values; `data_options` and `model_options` may be mappings.
    """
    words = []
    for key, value in _flat(keys).items():
        whole = takes_commas(fields, key)
        several = isinstance(value, (list, tuple)) and not (whole and not _is_nested(value))
        words.append(f"{key}={_joined(value, ':' if whole else ',') if several else _word(value)}")
    return words


def space_words(space: Mapping[str, Any]) -> list[str]:
    """Return `key=range` for each key of a search space; a list holds choices."""
    return [f"{key}={_choices(value)}" for key, value in space.items()]


def _choices(value: Any) -> str:
    if isinstance(value, str):
        return value
    return _joined(value, ":" if _is_nested(value) else ",")


def _flat(keys: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in keys.items():
        if key.endswith("_options") and isinstance(value, Mapping):
            group = key.removesuffix("_options")
            flat.update({f"{group}.{name}": option for name, option in value.items()})
        else:
            flat[key] = value
    return flat


def _is_nested(values: Sequence[Any]) -> bool:
    return any(isinstance(value, (list, tuple)) for value in values)


def _joined(values: Sequence[Any], separator: str) -> str:
    """Join alternatives; those that contain the separator are quoted."""
    line = io.StringIO()
    csv.writer(line, delimiter=separator, lineterminator="").writerow(map(_word, values))
    return line.getvalue()


def _word(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(_word, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)
