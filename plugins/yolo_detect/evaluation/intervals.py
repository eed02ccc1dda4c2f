"""Intervals of the detection metrics, and whether one detector is better than another.

The bootstrap is over images: objects of one image are not independent of one another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable
from nntasks.plugins.yolo_detect.evaluation.resampling import (
    OperatingPoint,
    ResampledNumbers,
    resampled_numbers,
)
from nntasks.statistics.bootstrap import RESAMPLES, Difference, Estimate, Replicates, replicates

Weighted = Callable[[np.ndarray], ResampledNumbers]
_OF_CLASS = "\x1f"  # between a metric and a label; in no name of a metric


@dataclass(frozen=True)
class DetectionReplicates:
    """The replicates of every number of one table.

    Attributes:
        image_ids: (I,) in order.
        class_names: (C,) by label.
        all: by metric, and by metric, separator and label.
    """

    image_ids: tuple[int | str, ...]
    class_names: tuple[str, ...]
    all: dict[str, Replicates]


@dataclass(frozen=True)
class Intervals:
    """Numbers with their intervals.

    Attributes:
        numbers: by name as in `DetectionMetric.compute`.
        per_class: by name as in `DetectionMetric.per_class`, one for each label.
    """

    numbers: dict[str, Estimate]
    per_class: dict[str, list[Estimate]]


@dataclass(frozen=True)
class Differences:
    """Differences of two detectors on the same resamples, in the layout of `Intervals`."""

    numbers: dict[str, Difference]
    per_class: dict[str, list[Difference]]


def detection_replicates(
    table: MatchTable,
    at: OperatingPoint,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    more: Sequence[Weighted] = (),
) -> DetectionReplicates:
    """Evaluate a table on every resample of its images and with images left out.

    Args:
        table: the matches.
        at: see `OperatingPoint`.
        seed: two tables of the same images get the same resamples with one seed.
        resamples: how many.
        more: what computes further numbers of weights (B, I) uint8.
    """

    def numbers_of(weights: np.ndarray) -> dict[str, np.ndarray]:
        numbers: dict[str, np.ndarray] = {}
        for found in (resampled_numbers(table, weights, at), *(one(weights) for one in more)):
            numbers |= found.numbers
            for name, values in found.per_class.items():
                numbers |= {f"{name}{_OF_CLASS}{place}": row for place, row in enumerate(values)}
        return numbers

    known = replicates(numbers_of, len(table.image_ids), seed=seed, resamples=resamples)
    return DetectionReplicates(table.image_ids, table.class_names, known)


def intervals(
    table: MatchTable,
    at: OperatingPoint,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    more: Sequence[Weighted] = (),
) -> Intervals:
    """Return every number with its 95 % BCa interval; see `detection_replicates`."""
    known = detection_replicates(table, at, seed=seed, resamples=resamples, more=more)
    found = {name: one.interval() for name, one in known.all.items()}
    return Intervals(*_parts(found, len(known.class_names)))


def differences(one: DetectionReplicates, other: DetectionReplicates) -> Differences:
    """Return `one` minus `other` for every number, with interval and p-value.

    Raises:
        UsageError: the images or classes differ, or the resamples were drawn otherwise.
    """
    if one.image_ids != other.image_ids or one.class_names != other.class_names:
        raise UsageError(
            "expected two results on the same images and classes, got "
            f"{len(one.image_ids)} and {len(other.image_ids)} images, {len(one.class_names)} and "
            f"{len(other.class_names)} classes; score both against one truth"
        )
    if {len(r.resampled) for r in one.all.values()} != {
        len(r.resampled) for r in other.all.values()
    }:
        raise UsageError("expected one number of resamples for both results; pass the same")
    found = {name: mine.difference(other.all[name]) for name, mine in one.all.items()}
    return Differences(*_parts(found, len(one.class_names)))


def _parts(found: dict, classes: int) -> tuple[dict, dict]:
    """Split what is known by name, and by name and label, into both."""
    numbers = {name: value for name, value in found.items() if _OF_CLASS not in name}
    names = dict.fromkeys(key.partition(_OF_CLASS)[0] for key in found if _OF_CLASS in key)
    per_class = {
        name: [found[f"{name}{_OF_CLASS}{label}"] for label in range(classes)] for name in names
    }
    return numbers, per_class
