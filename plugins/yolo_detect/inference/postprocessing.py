"""From the output to final boxes: candidates, class-aware NMS, mapping to the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from nntasks.ops import batched_nms
from nntasks.plugins.yolo_detect.inference.decoding import decode_boxes
from nntasks.plugins.yolo_detect.inference.letterbox import Letterbox
from nntasks.plugins.yolo_detect.inference.nms_rule import SoftNms
from nntasks.plugins.yolo_detect.inference.output import Output
from nntasks.plugins.yolo_detect.inference.soft_suppression import softened
from nntasks.plugins.yolo_detect.network import STRIDES
from nntasks.plugins.yolo_detect.samples import Detections

MOST_CANDIDATES = 30_000  # highest scores per image; as published


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
    output: Output,
    anchors: Tensor,
    *,
    confidence: float,
    iou: float | SoftNms,
    max_detections: int,
    multi_label: bool,
    letterboxes: Sequence[Letterbox],
) -> list[Detections]:
    """Find the objects of a batch.

    Args:
        output: the output of the heads.
        anchors: (levels, A, 2) in grid cells.
        confidence: threshold of objectness and score.
        iou: IoU threshold of NMS within a class and image, or the rule of soft-NMS.
        max_detections: largest number of boxes per image.
        multi_label: whether a row gives a box for every class above the threshold, as is usual for
            mAP, or only for its best class, as is usual for display.
        letterboxes: per image, its place in the square.

    Returns:
        the boxes of each image by descending score, in pixels of the original picture.
    """
    found = select(output, anchors, confidence=confidence, multi_label=multi_label)
    if isinstance(iou, SoftNms):
        groups = found.image * output.class_count + found.labels
        kept, lowered = softened(found.boxes, found.scores, groups, iou)
        found = replace(found[kept], scores=lowered)
    else:
        found = found[suppress(found, iou, output.class_count)]
    images = found.image.cpu().numpy()
    boxes = found.boxes.double().cpu().numpy()
    scores, labels = found.scores.double().cpu().numpy(), found.labels.cpu().numpy()
    results = []
    for number, place in enumerate(letterboxes):
        mine = np.flatnonzero(images == number)[:max_detections]
        results.append(Detections(place.to_original(boxes[mine]), scores[mine], labels[mine]))
    return results


def suppress(found: Candidates, iou: float, classes: int) -> Tensor:
    """Return the indices that NMS keeps, by descending score; it acts per image and class."""
    return batched_nms(found.boxes, found.scores, found.image * classes + found.labels, iou)


def select(output: Output, anchors: Tensor, *, confidence: float, multi_label: bool) -> Candidates:
    """Return the boxes above the threshold.

    Rows are selected by objectness logit first, so that few are computed and decoded.
    """
    image, row, boxes, logits = _objects(output, anchors, _logit(confidence))
    probabilities = logits[:, 5:].sigmoid() * logits[:, 4:5].sigmoid()
    if multi_label:
        which, labels = torch.nonzero(probabilities > confidence, as_tuple=True)
        scores = probabilities[which, labels]
    else:
        scores, labels = probabilities.max(dim=1)
        which = torch.nonzero(scores > confidence).squeeze(1)
        scores, labels = scores[which], labels[which]
    found = Candidates(image[which], row[which], boxes[which], scores, labels)
    return _strongest(found) if len(found) > MOST_CANDIDATES else found


def _objects(output: Output, anchors: Tensor, threshold: float) -> list[Tensor]:
    """Return image, row number, box and logits of the rows whose objectness is above a logit."""
    levels, first = [], 0
    for level, (count, height, width) in enumerate(output.shapes):
        index = torch.nonzero(output.objectness(level) > threshold, as_tuple=True)
        image, anchor, y, x = index
        number = first + (anchor * height + y) * width + x
        first += count * height * width
        sides = anchors[level][anchor]
        stride = torch.full_like(sides[:, :1], STRIDES[level])
        cells = torch.stack((x, y), dim=1)
        levels.append((image, number, output.rows(level, index), cells, sides, stride))
    image, row, logits, cells, sides, stride = (
        torch.cat(part) for part in zip(*levels, strict=True)
    )
    return [image, row, decode_boxes(logits[:, :4], cells, sides, stride), logits]


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
