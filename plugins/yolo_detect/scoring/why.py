"""The table that takes the difference of two conventions apart."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from nntasks.interfaces.report_data import Table
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.evaluation.conventions.walk import walk


def why_table(name: str, case: Problem, start: str, end: str) -> Table:
    """Return a row for each rule in which two programs differ, with what it costs."""
    steps = list(walk(case, PROGRAMS[start].rules, PROGRAMS[end].rules))
    rows: list[tuple[Any, ...]] = [(start, steps[0].map50, None, steps[0].map50_95, None)]
    for before, step in pairwise(steps):
        rows.append(
            (
                step.what,
                step.map50,
                step.map50 - before.map50,
                step.map50_95,
                step.map50_95 - before.map50_95,
            )
        )
    rows.append(
        (
            f"{end}: in all",
            steps[-1].map50,
            steps[-1].map50 - steps[0].map50,
            steps[-1].map50_95,
            steps[-1].map50_95 - steps[0].map50_95,
        )
    )
    return Table(
        f"why_{start}_{end}",
        f"{name}: why {end} differs from {start}",
        ("rule", "mAP@0.5", "change", "mAP@0.5:0.95", "change"),
        rows,
        "The rules change one at a time. Each row shows the effect of its rule after the changes "
        "above it.",
    )
