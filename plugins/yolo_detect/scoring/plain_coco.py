"""Large COCO files, read straight into arrays."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.unique_names import unique_names
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.storage.compression import SUFFIXES, unpacked

_LARGE = 10_000_000  # bytes from which on it is worth while not to read row by row
_DENSER = 8  # compressed bytes count as so many


def plain_problems(truth: Any, found: Mapping[str, Any]) -> dict[str, Problem] | None:
    """Return what is scored, if all files are large and plain; None leaves it to the readers."""
    files = [truth, *found.values()]
    if not all(isinstance(file, Path) and file.is_file() for file in files):
        return None
    sizes = [file.stat().st_size * (_DENSER if file.suffix in SUFFIXES else 1) for file in files]
    if sum(sizes) < _LARGE:
        return None
    try:
        with contextlib.ExitStack() as stack:
            plain = {name: stack.enter_context(unpacked(file)) for name, file in found.items()}
            return _problems(truth, stack.enter_context(unpacked(truth)), plain)
    except (UsageError, OSError):
        return None


def _problems(named: Path, truth: Path, found: Mapping[str, Path]) -> dict[str, Problem] | None:
    """Read the files, which are not compressed; `named` is what messages call the truth."""
    from nntasks.plugins.yolo_detect.data.coco_arrays import (
        flat_records,
        read_instances,
        read_results,
    )

    known = read_instances(truth)
    if known is None:
        return None
    by_id = np.argsort(known.category_ids, kind="stable")
    numbers = known.category_ids[by_id].tolist()
    names = unique_names(named, [known.category_names[place] for place in by_id], numbers)
    image_order = np.argsort(known.image, kind="stable")  # of `flat_records`
    zero = known.id[image_order] == 0
    problems = {}
    for name, file in found.items():
        rows = read_results(file)
        records = None if rows is None else flat_records(known, rows)
        if records is None:
            return None
        problems[name] = Problem(names, records, np.zeros(len(zero), bool), zero)
    return problems
