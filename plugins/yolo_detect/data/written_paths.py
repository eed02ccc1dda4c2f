"""Paths that somebody wrote into a list, a YAML or a JSON file, perhaps on another system."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path


def find_written(
    text: str, bases: Iterable[Path], is_there: Callable[[Path], bool] = Path.exists
) -> Path | None:
    """Return the first place that is there: `text` below each base, as it stands or turned.

    A path with backslashes is tried as it stands first, as a name may hold one, then with slashes.
    """
    spellings = [text, text.replace("\\", "/")] if "\\" in text else [text]
    for spelling in spellings:
        for base in bases:
            place = base / spelling
            try:
                if is_there(place):
                    return place
            except (OSError, ValueError):  # too long a name, a null character
                continue
    return None


def path_hint(text: str) -> str:
    """Return what may be wrong with a path that leads nowhere, to be put behind a message."""
    if not text.isprintable():
        return "; a backslash in double quotes begins a control character, write forward slashes"
    if "\\" in text:
        return "; backslashes were tried as slashes, too"
    return ""
