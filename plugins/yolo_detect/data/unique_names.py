"""Unique class names."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

_LOG = logging.getLogger("nntasks.data")


def unique_names(path: Path, names: Sequence[str], numbers: Sequence[int]) -> tuple[str, ...]:
    """Return the class names; a shared name gets the number of its class.

    Args:
        path: the file that names them, for the warning.
        names: in the order of the labels.
        numbers: the number of each class in that file; no two are equal.
    """
    counts = Counter(names)
    shared = [name for name, count in counts.items() if count > 1]
    if not shared:
        return tuple(names)
    _LOG.warning(
        "%s: %d classes share the name %r; they are kept apart, by number",
        path,
        counts[shared[0]],
        shared[0],
    )
    told_apart = [
        f"{name} ({number})" if counts[name] > 1 else name
        for name, number in zip(names, numbers, strict=True)
    ]
    return unique_names(path, told_apart, numbers)
