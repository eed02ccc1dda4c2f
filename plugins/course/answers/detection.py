"""Assignment 3: from the output tensor of a detector to average precision."""

from __future__ import annotations

import numpy as np


def decode_rows(rows: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the boxes (M, 4) xyxy, scores (M,) and labels (M,) of the rows above a threshold.

    A row of (N, 5 + C) is centre x, centre y, width, height, objectness, C class probabilities.
    Its label is the best class (the first of equal ones), its score objectness times that
    probability. Rows with a score above `confidence` stay, in their order.
    """
    labels = rows[:, 5:].argmax(axis=1)
    scores = rows[:, 4] * rows[:, 5:].max(axis=1)
    half = rows[:, 2:4] / 2
    boxes = np.concatenate([rows[:, :2] - half, rows[:, :2] + half], axis=1)
    kept = scores > confidence
    return boxes[kept], scores[kept], labels[kept]


def box_iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the intersection over union (N, M) of each box of a (N, 4) with each of b (M, 4).

    Boxes are x1, y1, x2, y2. Boxes that only touch have an IoU of 0; where the union is empty, it
    is 0, too.
    """
    low = np.maximum(a[:, None, :2], b[None, :, :2])  # (N, M, 2)
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    overlap = np.clip(high - low, 0, None).prod(axis=2)
    area_a = (a[:, 2:] - a[:, :2]).prod(axis=1)
    area_b = (b[:, 2:] - b[:, :2]).prod(axis=1)
    union = area_a[:, None] + area_b[None, :] - overlap
    return np.divide(overlap, union, out=np.zeros_like(union), where=union > 0)


def nms(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> np.ndarray:
    """Return the indices of the boxes that non-maximum suppression keeps, by falling score.

    A box is dropped if its IoU with a kept box of higher score is above `threshold`. Of equal
    scores the box with the lower index comes first.
    """
    order = np.argsort(-scores, kind="stable")
    kept = []
    while len(order):
        best, others = order[0], order[1:]
        kept.append(best)
        x1, y1, x2, y2 = boxes[others].T
        width = np.minimum(x2, boxes[best, 2]) - np.maximum(x1, boxes[best, 0])
        height = np.minimum(y2, boxes[best, 3]) - np.maximum(y1, boxes[best, 1])
        overlap = np.clip(width, 0, None) * np.clip(height, 0, None)
        own = (boxes[best, 2] - boxes[best, 0]) * (boxes[best, 3] - boxes[best, 1])
        union = own + (x2 - x1) * (y2 - y1) - overlap
        order = others[overlap <= threshold * union]  # no division by an empty union
    return np.array(kept, dtype=np.int64)


def precision_recall(hits: np.ndarray, truths: int) -> tuple[np.ndarray, np.ndarray]:
    """Return precision and recall (N,) after each detection of a ranking.

    `hits` (N,) says which detections are right, by falling score; `truths` is the number of true
    objects, at least 1.
    """
    right = np.cumsum(hits)
    return right / np.arange(1, len(hits) + 1), right / truths


def average_precision(hits: np.ndarray, truths: int) -> float:
    """Return the area under the precision-recall curve, as PASCAL VOC 2010 has it.

    Precision at a recall is the best precision at this or a higher recall. `hits` and `truths` are
    those of `precision_recall`; without detections it is 0, without true objects NaN.
    """
    if not truths:
        return float("nan")
    hits = np.asarray(hits, dtype=bool)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best[hits].sum() / truths)  # recall rises by 1 / truths at every hit
