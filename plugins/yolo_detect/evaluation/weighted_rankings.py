"""The rankings of detections for `weighted_ap`, and the average of each program from them.

A resample is a weight for each image: how often it was drawn. Rankings are written down once for
all resamples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.average_precision import SINGLE_RECALLS
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import Ranking
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable

if TYPE_CHECKING:
    from nntasks.ops import Rankings

_STEPS = np.arange(101) / 100
_ABOVE = np.nextafter(
    _STEPS, 2
)  # a level that lies above its number is reached by more recall only
_BOTH_ENDS = np.nextafter(np.arange(2.0), 2)
_LEVELS = {
    "coco": np.linspace(0, 1, 101),
    "single": np.where(SINGLE_RECALLS > _STEPS, _ABOVE, _STEPS),
    "voc07": np.arange(11) / 10,
    "voc10": np.empty(0),
}


def with_copies(
    label: np.ndarray, score: np.ndarray, image: np.ndarray, has_row: np.ndarray, most: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Write down detections once for each copy of their image where copies take turns.

    Detections of equal score in one image take turns when the image is there more than once. So
    they are written down once for each copy, if any of them overlaps an object.

    Args:
        label, score, image: (N,) by class and rank.
        has_row: (N,) bool, detections that may be right or ignored.
        most: (I,) the largest weight of each image.

    Returns:
        (M,) int64 the detection, and (M,) int64 the copy that it stands for, 0 for all.
    """
    begins = np.zeros(len(label), bool)
    begins[:1] = True
    for key in (label, score, image):
        begins[1:] |= key[1:] != key[:-1]
    tie = np.cumsum(begins) - 1  # detections of one class, score and image are neighbours
    size = np.bincount(tie)
    turns = (size > 1) & (np.bincount(tie, weights=has_row) > 0)
    copies = np.where(turns[tie], most[image].astype(np.int64), 1)
    owner = np.repeat(np.arange(len(label)), copies)
    copy = np.arange(len(owner)) - np.repeat(np.cumsum(copies) - copies, copies)
    order = np.lexsort((owner, copy, tie[owner]))
    owner, copy = owner[order], np.where(turns[tie[owner]], copy + 1, 0)[order]
    return owner, copy


def rankings_of_table(table: MatchTable, most: np.ndarray) -> Rankings:
    """Return the rankings of COCO's columns: all area ranges, IoU 0.50:0.05:0.95.

    Args:
        table: the matches.
        most: (I,) the largest weight of each image.
    """
    from nntasks.ops import Rankings  # torch, which naming the metrics can do without

    found = table.detections
    row_of = np.full(len(found), -1)
    row_of[table.rows.detection] = np.arange(len(table.rows.detection))
    owner, copy = with_copies(found.label, found.score, found.image, row_of >= 0, most)
    rows = np.flatnonzero(row_of[owner] >= 0)
    chosen = row_of[owner[rows]]
    ignored, matched = (
        cells[chosen][..., table.coco_indices].transpose(1, 2, 0)
        for cells in (table.rows.ignored, table.rows.matched)
    )
    return Rankings(
        starts=np.searchsorted(found.label[owner], np.arange(len(table.class_names) + 1)),
        image=found.image[owner],
        copy=copy,
        outside=found.outside[owner],
        rows=rows,
        right=(matched >= 0) & ~ignored,
        ignored=ignored,
    )


def rankings_of_program(ranking: Ranking, most: np.ndarray) -> tuple[Rankings, np.ndarray]:
    """Return the rankings of a program, and the detection of `ranking` that each stands for.

    Args:
        ranking: its matches.
        most: (I,) the largest weight of each image.
    """
    from nntasks.ops import Rankings

    has_row = (ranking.right | ~ranking.counted).any(axis=0)
    owner, copy = with_copies(ranking.label, ranking.score, ranking.image, has_row, most)
    rows = np.flatnonzero(has_row[owner])
    chosen = owner[rows]
    return Rankings(
        starts=np.searchsorted(ranking.label[owner], np.arange(len(ranking.truths) + 1)),
        image=ranking.image[owner],
        copy=copy,
        outside=np.zeros((len(owner), 1), bool),
        rows=rows,
        right=ranking.right[None][..., chosen],
        ignored=~ranking.counted[None][..., chosen],
    ), owner


def weighted_average(
    rankings: Rankings,
    truths: np.ndarray,
    weights: np.ndarray,
    average: str,
    detections: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return average precision and the true positives of each weighting, (A, T, C, B) each.

    Straight lines between recalls, as YOLOv5 and Ultralytics draw them, are level, since precision
    only falls between one true positive and the next, and the envelope does not. So they are steps
    as well, which a level of recall reaches only if it is below; the trapezia give both ends half
    weight.

    Args:
        rankings: see `Rankings`.
        truths: (A, C, B) int64, the weighted number of objects.
        weights: (B, I) uint8.
        average: key of `rules.AVERAGES`.
        detections: (C, B) int64, their weighted number; needed for "yolov5".
    """
    from nntasks.ops import weighted_ap  # torch, which naming the metrics can do without

    if average in _LEVELS:
        averages, hits = weighted_ap(rankings, truths, weights, _LEVELS[average])
        return averages.numpy(), hits.numpy()
    sums, hits = weighted_ap(rankings, truths, weights, _ABOVE)
    ends, _ = weighted_ap(rankings, truths, weights, _BOTH_ENDS)
    found = hits.numpy()
    lines = (sums.numpy() * len(_ABOVE) - ends.numpy()) / 100  # ends: half of precision at recall 0
    if average == "yolov5":
        assert detections is not None
        lines = lines + _last_line(found, truths[:, None], detections)
    return lines, found


def _last_line(found: np.ndarray, truths: np.ndarray, detections: np.ndarray) -> np.ndarray:
    """Return the area below the line from the highest recall down to (1, 0), read at 101 recalls.

    The line begins at the precision of the whole ranking. `level` of the recalls lie before it.
    """
    level = -(-100 * found // np.maximum(truths, 1))
    missing = 1 - found / np.maximum(truths, 1)
    start = found / np.maximum(detections, 1)
    below = (100 - level) * (101 - level) / 200
    return np.divide(start * below, 100 * missing, out=np.zeros(found.shape), where=missing > 0)
