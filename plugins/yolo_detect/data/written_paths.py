"""Paths in lists, YAML and JSON files, perhaps written on another system."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path


def find_written(
    text: str, bases: Iterable[Path], is_there: Callable[[Path], bool] = Path.exists
) -> Path | None:
    """Return the first existing path: `text` below each base, as written or with slashes.

    A path with backslashes is first tried as written, because a name may contain one.
    """
    spellings = [text, text.replace("\\", "/")] if "\\" in text else [text]
    for spelling in spellings:
        for base in bases:
            place = base / spelling
            try:
                if is_there(place):
                    return place
            except (OSError, ValueError):  # the name is too long or contains a null character
                continue
    return None


def path_hint(text: str) -> str:
    """Return a hint about a path that does not exist, to append to a message."""
    if not text.isprintable():
        return "; a backslash in double quotes begins a control character, write forward slashes"
    if "\\" in text:
        return "; backslashes were tried as slashes, too"
    return ""
