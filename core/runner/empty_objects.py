"""The attributes of an object, and an object made of them, without a call of its class's code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_CONTENT = ""  # no attribute has this name
_MUTABLE: dict[type, Callable[[Any, Any], None]] = {
    dict: dict.update,
    list: list.extend,
    set: set.update,
}
_FIXED = (tuple, str, bytes, int, float, frozenset)


def attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of an object, and what it holds as a tuple, dict or the like."""
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    found = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    found |= getattr(value, "__dict__", {})
    base = _base(type(value))
    return found if base is None else {_CONTENT: base(value), **found}


def _base(kind: type) -> type | None:
    """Return the built-in type of values that a class extends, as a named tuple does."""
    return next((base for base in (*_MUTABLE, *_FIXED) if issubclass(kind, base)), None)


def made_of(kind: type, state: dict[str, Any]) -> Any:
    """Make an object without calling anything that its class defines."""
    content = state.pop(_CONTENT, ())
    base: Any = _base(kind)
    made: Any
    if kind.__module__ == "collections":  # not only a dict inside
        made = kind(content)
    elif base in _FIXED:
        made = base.__new__(kind, content)
    elif base is not None:
        made = base.__new__(kind)
        _MUTABLE[base](made, content)
    else:
        made = object.__new__(kind)
    for name, value in state.items():
        object.__setattr__(made, name, value)
    return made
