"""IoU and Dice under the conventions of other libraries, from the same counts.

Versions: segmentation_models_pytorch 0.6, torchmetrics 1.9, scikit-learn 1.9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nntasks.interfaces.report_data import Table
from nntasks.plugins.unet_segment.evaluation.counts import CountTable, dice, iou, mean_over_images

Measure = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Convention:
    """One way to aggregate over pictures and classes.

    Attributes:
        libraries: libraries with this convention, and their options for it.
        why: what is aggregated, and how it differs from the others.
        read: computes the value for a measure such as `counts.iou`.
    """

    libraries: str
    why: str
    read: Callable[[Measure, CountTable], float]


def _object(measure: Measure, table: CountTable) -> float:
    return float(measure(*_pooled(table)[0]))


def _both(measure: Measure, table: CountTable) -> float:
    return float(measure(*np.add(*_pooled(table))))


def _macro(measure: Measure, table: CountTable) -> float:
    return float(np.mean([measure(*each) for each in _pooled(table)]))


def _weighted(measure: Measure, table: CountTable) -> float:
    return float(_by_support([measure(*each) for each in _pooled(table)], _pooled(table)))


def _images(how: str) -> Callable[[Measure, CountTable], float]:
    return lambda measure, table: mean_over_images(measure(*_classes(table)[0]), how)


def _images_both(measure: Measure, table: CountTable) -> float:
    return mean_over_images(measure(*np.add(*_classes(table))), "nonempty")


def _images_macro(measure: Measure, table: CountTable) -> float:
    return mean_over_images(np.ravel([measure(*each) for each in _classes(table)]), "empty1")


def _images_present(measure: Measure, table: CountTable) -> float:
    return mean_over_images(np.ravel([measure(*each) for each in _classes(table)]), "nonempty")


def _images_mean_present(measure: Measure, table: CountTable) -> float:
    each = np.stack([measure(*each) for each in _classes(table)])
    there = ~np.isnan(each)
    with np.errstate(invalid="ignore"):
        means = np.where(there, each, 0).sum(axis=0) / there.sum(axis=0)
    return mean_over_images(means, "nonempty")


def _images_weighted(measure: Measure, table: CountTable) -> float:
    classes = _classes(table)
    return mean_over_images(_by_support([measure(*each) for each in classes], classes), "nonempty")


def _classes(table: CountTable) -> tuple[np.ndarray, np.ndarray]:
    """Return (3, N) TP, FP and FN of the object, and of the background."""
    hits, false_alarms, misses = table.hits, table.false_alarms, table.misses
    return np.stack([hits, false_alarms, misses]), np.stack(
        [table.rejections, misses, false_alarms]
    )


def _pooled(table: CountTable) -> tuple[np.ndarray, np.ndarray]:
    own, other = _classes(table)
    return own.sum(axis=1), other.sum(axis=1)


def _by_support(values: list[np.ndarray], classes: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return the mean of the classes' values, weighted by their true pixels."""
    support = np.stack([each[0] + each[2] for each in classes])
    with np.errstate(invalid="ignore"):
        return (np.nan_to_num(np.stack(values)) * support).sum(axis=0) / support.sum(axis=0)


CONVENTIONS = {
    "object": Convention(
        "smp binary, micro or macro; torchmetrics Binary...; scikit-learn binary",
        "object pixels of all pictures pooled",
        _object,
    ),
    "both": Convention(
        "smp multiclass, micro; torchmetrics and scikit-learn micro",
        "both classes pooled: Dice equals pixel accuracy",
        _both,
    ),
    "macro": Convention(
        "smp multiclass, macro; torchmetrics and scikit-learn macro",
        "the mean of object and background: the background is large and easy",
        _macro,
    ),
    "weighted": Convention(
        "torchmetrics and scikit-learn weighted",
        "the same mean weighted by true pixels: mostly background",
        _weighted,
    ),
    "image_empty1": Convention(
        "smp binary, -imagewise",
        "mean over pictures; a picture without object and prediction counts as 1",
        _images("empty1"),
    ),
    "image_empty0": Convention(
        "smp binary, -imagewise, zero_division=0; scikit-learn samples",
        "the same, but such a picture counts as 0",
        _images("empty0"),
    ),
    "image_nonempty": Convention(
        "torchmetrics MeanIoU, DiceScore, include_background=False",
        "the same, but such a picture is left out",
        _images("nonempty"),
    ),
    "image_both": Convention(
        "smp multiclass, micro-imagewise; torchmetrics DiceScore micro",
        "mean over pictures, both classes pooled",
        _images_both,
    ),
    "image_macro": Convention(
        "smp multiclass, macro-imagewise",
        "mean over pictures and classes; an absent, unpredicted class counts as 1",
        _images_macro,
    ),
    "image_present": Convention(
        "torchmetrics MeanIoU(2)",
        "the same, but such a class is left out",
        _images_present,
    ),
    "image_mean_present": Convention(
        "torchmetrics DiceScore(2, macro)",
        "mean over the classes of each picture, then over pictures",
        _images_mean_present,
    ),
    "image_weighted": Convention(
        "torchmetrics DiceScore(2, weighted)",
        "the same, with classes weighted by true pixels",
        _images_weighted,
    ),
}


def conventions(table: CountTable) -> Table:
    """Return a table of IoU and Dice under the convention of each library."""
    rows = [
        (way.libraries, way.read(iou, table), way.read(dice, table), way.why)
        for way in CONVENTIONS.values()
    ]
    return Table(
        "conventions",
        "IoU and Dice by convention",
        ("library", "IoU", "Dice", "aggregation"),
        rows,
        "smp is segmentation_models_pytorch. All from one table of counts; tests compare them with "
        "the libraries themselves.",
    )
