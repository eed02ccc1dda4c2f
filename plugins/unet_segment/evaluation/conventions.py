"""IoU and Dice under the conventions of other libraries, from the same counts.

Versions: segmentation_models_pytorch 0.6, torchmetrics 1.9, scikit-learn 1.9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nntasks.interfaces.report_data import Table
from nntasks.plugins.unet_segment.evaluation.counts import CountTable, dice, iou, weighted_mean

Measure = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
Read = Callable[[Measure, CountTable, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Convention:
    """One way to aggregate over pictures and classes.

    Attributes:
        libraries: libraries with this convention, and their options for it.
        why: what is aggregated, and how it differs from the others.
        weighted: computes the values (W,) for a measure such as `counts.iou`, and for weights
            (W, N) float64, how often each picture counts.
    """

    libraries: str
    why: str
    weighted: Read

    def read(self, measure: Measure, table: CountTable) -> float:
        """Return the value where every picture counts once."""
        return float(self.weighted(measure, table, np.ones((1, len(table.ids))))[0])


def _object(measure: Measure, table: CountTable, drawn: np.ndarray) -> np.ndarray:
    return measure(*_pooled(table, drawn)[0])


def _both(measure: Measure, table: CountTable, drawn: np.ndarray) -> np.ndarray:
    return measure(*np.add(*_pooled(table, drawn)))


def _macro(measure: Measure, table: CountTable, drawn: np.ndarray) -> np.ndarray:
    return np.mean([measure(*each) for each in _pooled(table, drawn)], axis=0)


def _weighted(measure: Measure, table: CountTable, drawn: np.ndarray) -> np.ndarray:
    classes = _pooled(table, drawn)
    return _by_support([measure(*each) for each in classes], classes)


def _images(how: str) -> Read:
    return lambda measure, table, drawn: weighted_mean(measure(*_classes(table)[0]), how, drawn)


def _images_both(measure: Measure, table: CountTable, drawn: np.ndarray) -> np.ndarray:
    return weighted_mean(measure(*np.add(*_classes(table))), "nonempty", drawn)


def _images_macro(measure: Measure, table: CountTable, drawn: np.ndarray) -> np.ndarray:
    return _of_each_class(measure, table, drawn, "empty1")


def _images_present(measure: Measure, table: CountTable, drawn: np.ndarray) -> np.ndarray:
    return _of_each_class(measure, table, drawn, "nonempty")


def _of_each_class(measure: Measure, table: CountTable, drawn: np.ndarray, how: str) -> np.ndarray:
    each = np.ravel([measure(*each) for each in _classes(table)])
    return weighted_mean(each, how, np.concatenate([drawn, drawn], axis=1))


def _images_mean_present(measure: Measure, table: CountTable, drawn: np.ndarray) -> np.ndarray:
    each = np.stack([measure(*each) for each in _classes(table)])
    there = ~np.isnan(each)
    with np.errstate(invalid="ignore"):
        means = np.where(there, each, 0).sum(axis=0) / there.sum(axis=0)
    return weighted_mean(means, "nonempty", drawn)


def _images_weighted(measure: Measure, table: CountTable, drawn: np.ndarray) -> np.ndarray:
    classes = _classes(table)
    each = _by_support([measure(*each) for each in classes], classes)
    return weighted_mean(each, "nonempty", drawn)


def _classes(table: CountTable) -> tuple[np.ndarray, np.ndarray]:
    """Return (3, N) TP, FP and FN of the object, and of the background."""
    hits, false_alarms, misses = table.hits, table.false_alarms, table.misses
    return np.stack([hits, false_alarms, misses]), np.stack(
        [table.rejections, misses, false_alarms]
    )


def _pooled(table: CountTable, drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (3, W) weighted sums; those of whole numbers are exact."""
    own, other = _classes(table)
    return own @ drawn.T, other @ drawn.T


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
        "smp is segmentation_models_pytorch. All values come from one table of counts. Tests "
        "compare them with the libraries.",
    )
