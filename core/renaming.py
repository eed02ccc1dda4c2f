"""Keys that had another name before: both are taken, and the user is told the present one."""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from typing import Any, TypeVar

from nntasks.errors import UsageError

Value = TypeVar("Value")

_LOG = logging.getLogger(__name__)


def present_name(
    renamed: Mapping[str, str], former: str, given: Mapping[str, Any], prefix: str = ""
) -> str:
    """Return the present name of a key, and tell the user.

    Args:
        renamed: the present names by their former ones.
        former: a name in `renamed`.
        given: all keys that stand beside it.
        prefix: precedes keys in messages.

    Raises:
        UsageError: the key is given by both its names.
    """
    present = renamed[former]
    said = f"{prefix}{former} is called {prefix}{present} now"
    if present in given:
        raise UsageError(f"{said}; give it once")
    _tell_once(said)
    return present


def migrated(renamed: Mapping[str, str], keys: Mapping[str, Value]) -> dict[str, Value]:
    """Return the keys that an earlier version stored, under their present names."""
    return {renamed.get(key, key): value for key, value in keys.items()}


def typed_keys(renamed: Mapping[str, str], keys: Mapping[str, Value]) -> dict[str, Value]:
    """Return the keys that a user gives, under their present names (see `present_name`)."""
    return {
        present_name(renamed, key, keys) if key in renamed else key: value
        for key, value in keys.items()
    }


@functools.cache
def _tell_once(line: str) -> None:
    """Log a warning, once in this process however often the keys are read."""
    _LOG.warning(line)
