"""From the output tensor to final boxes: candidates, class-aware NMS, back to the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.ops import batched_nms
from plugins.yolo_detect.decoding import decode_boxes
from plugins.yolo_detect.letterbox import Letterbox
from plugins.yolo_detect.network import STRIDES
from plugins.yolo_detect.samples import Detections

MOST_CANDIDATES = 30_000  # per image, by score; as published


@dataclass(frozen=True)
class Candidates:
    """Boxes that pass the threshold, before NMS; N of them over all images of a batch.

    Attributes:
        image: (N,) int64, index in the batch.
        row: (N,) int64, row of the decoded output (see `decoding`).
        boxes: (N, 4) float32 xyxy in pixels of the network's input.
        scores: (N,) float32, objectness times class probability.
        labels: (N,) int64.
    """

    image: Tensor
    row: Tensor
    boxes: Tensor
    scores: Tensor
    labels: Tensor

    def __getitem__(self, index: Tensor) -> Candidates:
        return Candidates(
            self.image[index],
            self.row[index],
            self.boxes[index],
            self.scores[index],
            self.labels[index],
        )

    def __len__(self) -> int:
        return len(self.scores)


def detect(
    raw: Sequence[Tensor],
    anchors: Tensor,
    *,
    confidence: float,
    iou: float,
    max_detections: int,
    multi_label: bool,
    letterboxes: Sequence[Letterbox],
) -> list[Detections]:
    """Find the objects of a batch.

    Args:
        raw: per level (B, A, H, W, 5 + C) logits.
        anchors: (levels, A, 2) in grid cells.
        confidence: boxes need an objectness and a score above it.
        iou: of two boxes of one class in one image that overlap more, the weaker is dropped.
        max_detections: most boxes per image.
        multi_label: whether a row gives a box for every class above the threshold, as is usual
            before mAP, or only for its best class, as is usual to look at.
        letterboxes: per image, how it lies in the square.

    Returns:
        per image its boxes by falling score, in pixels of the original picture.
    """
    found = select(raw, anchors, confidence=confidence, multi_label=multi_label)
    found = found[suppress(found, iou, class_count(raw))]
    images = found.image.cpu().numpy()
    boxes = found.boxes.double().cpu().numpy()
    scores, labels = found.scores.double().cpu().numpy(), found.labels.cpu().numpy()
    results = []
    for number, place in enumerate(letterboxes):
        mine = np.flatnonzero(images == number)[:max_detections]
        results.append(Detections(place.to_original(boxes[mine]), scores[mine], labels[mine]))
    return results


def class_count(raw: Sequence[Tensor]) -> int:
    """Return C."""
    return raw[0].shape[-1] - 5


def suppress(found: Candidates, iou: float, classes: int) -> Tensor:
    """Return the indices that NMS keeps, by falling score: one group per image and class."""
    return batched_nms(found.boxes, found.scores, found.image * classes + found.labels, iou)


def select(
    raw: Sequence[Tensor], anchors: Tensor, *, confidence: float, multi_label: bool
) -> Candidates:
    """Return the boxes above the threshold.

    Rows are chosen by their objectness logit, so that only few are decoded.
    """
    levels, first = [], 0
    for logits, shapes, stride in zip(raw, anchors, STRIDES, strict=True):
        levels.append(_select_level(logits, shapes, stride, first, confidence, multi_label))
        first += math.prod(logits.shape[1:4])
    joined = Candidates(
        *(torch.cat([getattr(level, name) for level in levels]) for name in _FIELDS)
    )
    return _strongest(joined) if len(joined) > MOST_CANDIDATES else joined


_FIELDS = ("image", "row", "boxes", "scores", "labels")


def _select_level(
    logits: Tensor, shapes: Tensor, stride: int, first: int, confidence: float, multi_label: bool
) -> Candidates:
    height, width = logits.shape[2:4]
    index = torch.nonzero(logits[..., 4] > _logit(confidence), as_tuple=True)
    image, anchor, y, x = index
    rows = logits[index].float()
    probabilities = rows[:, 5:].sigmoid() * rows[:, 4:5].sigmoid()
    if multi_label:
        which, labels = torch.nonzero(probabilities > confidence, as_tuple=True)
        scores = probabilities[which, labels]
    else:
        scores, labels = probabilities.max(dim=1)
        which = torch.nonzero(scores > confidence).squeeze(1)
        scores, labels = scores[which], labels[which]
    cells = torch.stack((x, y), dim=1)
    strides = torch.full((len(rows), 1), stride, device=logits.device)
    boxes = decode_boxes(rows[:, :4], cells, shapes[anchor], strides)
    number = first + (anchor * height + y) * width + x
    return Candidates(image[which], number[which], boxes[which], scores, labels)


def _strongest(found: Candidates) -> Candidates:
    """Keep the strongest candidates of each image, the earlier of equal ones."""
    order = torch.argsort(found.scores, descending=True, stable=True)
    order = order[torch.argsort(found.image[order], stable=True)]
    image = found.image[order]
    starts = torch.searchsorted(image, image, right=False)
    rank = torch.arange(len(order), device=order.device) - starts
    return found[order[rank < MOST_CANDIDATES].sort().values]


def _logit(probability: float) -> float:
    """Return the logit of a probability."""
    if probability <= 0:
        return -math.inf
    if probability >= 1:
        return math.inf
    return math.log(probability / (1 - probability))
