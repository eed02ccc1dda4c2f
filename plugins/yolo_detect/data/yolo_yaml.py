"""The content of a `data.yaml`: class names and keypoints."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nntasks.datasets.faults import Faults
from nntasks.plugins.yolo_detect.data.loose_numbers import whole_number
from nntasks.plugins.yolo_detect.data.unique_names import unique_names

_MOST_CLASSES = 10_000
_LOG = logging.getLogger("nntasks.data")


def class_names(path: Path, content: Mapping[str, Any], faults: Faults) -> tuple[str, ...] | None:
    """Return the class names by label; None after a fault.

    `names` is a list, or a mapping from 0, 1, 2, ... (also as text) to names. `nc`, their number,
    is optional; without `names`, numbers are the names.
    """
    before = faults.count
    count = _class_count(path, content.get("nc"), faults)
    given = content.get("names")
    if given is None and count is not None:
        _LOG.warning("%s: 'nc' without 'names'; numbers serve as names", path)
        return tuple(str(number) for number in range(count))
    names = _numbered(path, given, faults) if isinstance(given, dict) else given
    if faults.count > before:
        return None
    if not isinstance(names, list) or not names:
        hint = f", such as [{given}]" if isinstance(given, str) else ""
        faults.add(
            f"{path}: expected the class names under 'names', as a list{hint} or as 0: NAME, "
            f"got {given!r:.60}"
        )
        return None
    for number, name in enumerate(names):
        if not isinstance(name, (str, int, float)) or isinstance(name, bool):
            faults.add(f"{path}: expected text as name of class {number}, got {name!r}; quote it")
    if count is not None and count != len(names):
        faults.add(f"{path}: 'nc' says {count} classes, but 'names' has {len(names)}")
    return (
        None
        if faults.count > before
        else unique_names(path, [str(name) for name in names], range(len(names)))
    )


def _class_count(path: Path, given: Any, faults: Faults) -> int | None:
    if given is None:
        return None
    count = whole_number(given)
    if count is None or not 1 <= count <= _MOST_CLASSES:
        faults.add(
            f"{path}: expected a whole number from 1 to {_MOST_CLASSES} under 'nc', "
            f"got {given!r:.60}"
        )
        return None
    return count


def _numbered(path: Path, given: Mapping[Any, Any], faults: Faults) -> list[Any]:
    numbered = {whole_number(key): name for key, name in given.items()}
    if len(numbered) < len(given) or set(numbered) != set(range(len(given))):
        faults.add(
            f"{path}: expected 'names' numbered 0 to {len(given) - 1} without gaps, "
            f"got {', '.join(map(repr, list(given)[:10]))}"
        )
        return []
    return [numbered[number] for number in range(len(given))]


def keypoint_numbers(path: Path, content: Mapping[str, Any], faults: Faults) -> int:
    """Return the number of values after the box in a row: K * D of `kpt_shape: [K, D]`."""
    given = content.get("kpt_shape")
    if given is None:
        return 0
    shape = [whole_number(value) for value in given] if isinstance(given, list) else []
    if len(shape) != 2 or shape[1] not in (2, 3) or not shape[0] or not 0 < shape[0] < 10_000:
        faults.add(
            f"{path}: expected [number of keypoints, 2 or 3] under 'kpt_shape', got {given!r:.60}"
        )
        return 0
    return shape[0] * shape[1]
