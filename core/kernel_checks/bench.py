"""The timings behind `nntasks bench`, which take some seconds.

The repository's `benchmarks/` has larger inputs, goals and more peers.
"""

from __future__ import annotations

from functools import partial

import torch
import torchvision
from torch.nn.functional import fold, unfold

from nntasks import ops
from nntasks.kernel_checks.inputs import (
    Calls,
    Case,
    clustered_boxes,
    detections,
    matching,
    random_boxes,
    random_groups,
    random_scores,
    word_weights,
)

CLASSES = 80


def _nms() -> Calls:
    boxes, scores = random_boxes(10_000), random_scores(10_000)
    return {
        "ours": partial(ops.nms, boxes, scores, 0.5),
        "torchvision": partial(torchvision.ops.nms, boxes, scores, 0.5),
    }


def _batched_nms() -> Calls:
    data = random_boxes(10_000), random_scores(10_000), random_groups(10_000, CLASSES)
    return {
        "ours": partial(ops.batched_nms, *data, 0.5),
        "torchvision": partial(torchvision.ops.batched_nms, *data, 0.5),
    }


def _soft_nms() -> Calls:
    boxes, scores = clustered_boxes(1000), random_scores(1000)
    return {"ours": partial(ops.soft_nms, boxes, scores)}


def _box_iou() -> Calls:
    a, b = random_boxes(2048, 0), random_boxes(2048, 1)
    return {
        "ours": partial(ops.box_iou, a, b),
        "torchvision": partial(torchvision.ops.box_iou, a, b),
    }


def _im2col() -> Calls:
    x = torch.rand(4, 64, 56, 56)
    return {
        "ours": partial(ops.im2col, x, 3, 1, 1),
        "F.unfold": partial(unfold, x, 3, padding=1),
    }


def _col2im() -> Calls:
    columns = torch.rand(4, 64 * 9, 56 * 56)
    return {
        "ours": partial(ops.col2im, columns, 56, 3, 1, 1),
        "F.fold": partial(fold, columns, 56, 3, padding=1),
    }


def _alias() -> Calls:
    weights = word_weights(71_290)
    table = ops.AliasTable(weights)
    return {
        "ours": partial(table.draw, 200_000, 1),
        "torch.multinomial": partial(torch.multinomial, weights, 200_000, replacement=True),
    }


def _match() -> Calls:
    return {"ours": partial(ops.match_greedily, *matching(5000))}


def _detections() -> Calls:
    return {"ours": partial(ops.match_detections, **detections(1000))}


CASES = (
    Case("nms", "10,000 random boxes", _nms, ("torchvision",)),
    Case("batched_nms", "10,000 boxes, 80 classes", _batched_nms, ("torchvision",)),
    Case("soft_nms", "1,000 boxes around 100 objects", _soft_nms),
    Case("box_iou", "2048 x 2048", _box_iou, ("torchvision",)),
    Case("im2col", "4 x 64 x 56 x 56, 3 x 3", _im2col, ("F.unfold",)),
    Case("col2im", "4 x 64 x 56 x 56, 3 x 3", _col2im, ("F.fold",)),
    Case("AliasTable.draw", "200,000 of 71,290", _alias, ("torch.multinomial",)),
    Case("match_greedily", "20,000 detections", _match),
    Case("match_detections", "20,000 detections of 1,000 images", _detections),
)
