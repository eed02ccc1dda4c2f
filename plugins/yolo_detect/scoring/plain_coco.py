"""Large COCO files, read straight into arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.plugins.yolo_detect.data.unique_names import unique_names
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem

_LARGE = 10_000_000  # bytes from which on it pays to load torch, whose threads read the file


def plain_problems(truth: Any, found: Mapping[str, Any]) -> dict[str, Problem] | None:
    """Return what is scored, if all files are large and plain; None leaves it to the readers."""
    files = [truth, *found.values()]
    if not all(isinstance(file, Path) and file.is_file() for file in files):
        return None
    if sum(file.stat().st_size for file in files) < _LARGE:
        return None
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
    names = unique_names(truth, [known.category_names[place] for place in by_id], numbers)
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
