"""Average precision of one ranking under each convention in use.

Every function takes the ranks of the true positives (ascending, from 1), the length of the ranking
and the number of true objects. It returns a number in 0..1, or NaN without true objects, because
recall is undefined then.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

AveragePrecision = Callable[[np.ndarray, int, int], float]

_COCO_LEVELS = np.linspace(0, 1, 101)
# torch.linspace(0, 1, 101), from both ends by a step in single precision: the levels of
# torchmetrics, of which a recall of 1/10 does not reach the one of 0.1.
_STEPS = np.arange(101) * np.float64(np.float32(0.01))
SINGLE_RECALLS = np.where(np.arange(101) < 50, _STEPS, 1 - _STEPS[::-1]).astype(np.float32)
SINGLE_RECALLS = SINGLE_RECALLS.astype(np.float64)
_VOC07_LEVELS = (
    np.arange(11) / 10
)  # so that a recall of 3/10 reaches the level 0.3 despite rounding


def envelope(places: np.ndarray) -> np.ndarray:
    """Return (k,) float64: the best precision at each true positive or later in the ranking."""
    precision = np.arange(1, len(places) + 1) / places
    return np.maximum.accumulate(precision[::-1])[::-1]


def coco_101(places: np.ndarray, detections: int, truths: int) -> float:
    """Mean of the envelope at the recall levels 0, 0.01, ..., 1 (COCO, Lin et al. 2014)."""
    return _mean_at_levels(places, truths, 101)


def single_101(places: np.ndarray, detections: int, truths: int) -> float:
    """As `coco_101`, at recall levels in single precision (torchmetrics)."""
    if not truths:
        return float("nan")
    return float(_at_levels(places, truths, SINGLE_RECALLS).sum() / 101)


def voc07_11(places: np.ndarray, detections: int, truths: int) -> float:
    """Mean of the envelope at the recall levels 0, 0.1, ..., 1 (Everingham et al. 2010)."""
    return _mean_at_levels(places, truths, 11)


def voc10_area(places: np.ndarray, detections: int, truths: int) -> float:
    """Area under the envelope, a step at every true positive (PASCAL VOC 2010 and later)."""
    if not truths:
        return float("nan")
    return float(envelope(places).sum() / truths)


def yolov5_101(places: np.ndarray, detections: int, truths: int) -> float:
    """Trapezium area of the envelope read at 101 recalls by straight lines, as YOLOv5 does.

    The curve has a point at every detection, (0, 1) before the first and (1, 0) after the last.
    """
    return _trapezium(places, detections, truths, ends=(1.0,))


def ultralytics_101(places: np.ndarray, detections: int, truths: int) -> float:
    """As `yolov5_101`, but precision drops to 0 right after the highest recall.

    Derived from figures of Ultralytics 8.4.190.
    """
    return _trapezium(places, detections, truths, ends=(len(places) / max(truths, 1), 1.0))


def _trapezium(
    places: np.ndarray, detections: int, truths: int, *, ends: tuple[float, ...]
) -> float:
    """Area of the envelope read at 101 recalls; `ends` are the recalls at which it is 0."""
    if not truths:
        return float("nan")
    if not len(places):
        return 0.0
    # Between two true positives recall is constant; only the ends of the segment matter.
    count = np.arange(len(places) + 1)
    first = np.concatenate([[1], places])
    last = np.maximum(np.append(places[1:] - 1, detections), places)
    last = np.concatenate([[max(int(places[0]) - 1, 1)], last])
    began = int(places[0]) == 1  # no detection before the first true positive: no point at recall 0
    recall = np.repeat(count / truths, 2)[2 * began :]
    precision = np.stack([count / first, count / last], axis=1).reshape(-1)[2 * began :]
    recall = np.concatenate([[0.0], recall, ends])
    precision = np.concatenate([[1.0], precision, np.zeros(len(ends))])
    best = np.maximum.accumulate(precision[::-1])[::-1]
    sampled = np.interp(_COCO_LEVELS, recall, best)
    return float(np.trapezoid(sampled, _COCO_LEVELS))


def precision_at_levels(places: np.ndarray, truths: int, levels: int = 101) -> np.ndarray:
    """Return (levels,) float64: the envelope at evenly spaced recalls from 0 to 1.

    `levels` is 101 or 11. It is 0 beyond the highest recall; `truths` is above 0.
    """
    chosen = _COCO_LEVELS if levels == 101 else _VOC07_LEVELS
    return _at_levels(places, truths, chosen)


def _at_levels(places: np.ndarray, truths: int, levels: np.ndarray) -> np.ndarray:
    needed = _hits_needed(truths, levels.tobytes())
    needed = needed[: np.searchsorted(needed, len(places))]
    precision = np.zeros(len(levels))
    precision[: len(needed)] = envelope(places)[needed]
    return precision


def _mean_at_levels(places: np.ndarray, truths: int, levels: int) -> float:
    if not truths:
        return float("nan")
    return float(precision_at_levels(places, truths, levels).sum() / levels)


@lru_cache(maxsize=4096)
def _hits_needed(truths: int, levels: bytes) -> np.ndarray:
    """The index of the true positive at which recall reaches each level."""
    recall = np.arange(1, truths + 1) / truths
    return np.searchsorted(recall, np.frombuffer(levels))
