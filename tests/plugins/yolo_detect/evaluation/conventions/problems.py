"""COCO dictionaries as a Problem."""

from __future__ import annotations

from detection_oracle import samples

from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.records import Records


def problem_of(dataset, results):
    """Return the Problem of a truth and results in COCO's format; names are category ids."""
    names = [str(number) for number in sorted(c["id"] for c in dataset["categories"])]
    records = Records(len(names))
    records.add(*samples(dataset, results))
    return Problem.of(names, records.flat())


def ours(numbers):
    """Return numbers with -1 for NaN, as other programs write it."""
    return {name: -1 if value != value else value for name, value in numbers.items()}
