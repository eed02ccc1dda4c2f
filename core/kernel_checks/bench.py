"""The timings behind `nntasks bench`, which take some seconds.

The repository's `benchmarks/` has larger inputs, goals and more peers.
"""

from __future__ import annotations

from functools import partial

import torch
from torch.nn.functional import fold, unfold

from nntasks import ops
from nntasks.kernel_checks.box_peers import (
    BATCHED_NMS_PEERS,
    IOU_PEERS,
    NMS_PEERS,
    batched_nms_calls,
    box_iou_calls,
    ious_alike,
    kept_alike,
    nms_calls,
)
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
    return nms_calls(random_boxes(10_000), random_scores(10_000), 0.5)


def _batched_nms() -> Calls:
    labels = random_groups(10_000, CLASSES)
    return batched_nms_calls(random_boxes(10_000), random_scores(10_000), labels, 0.5)


def _soft_nms() -> Calls:
    boxes, scores = clustered_boxes(1000), random_scores(1000)
    return {"ours": partial(ops.soft_nms, boxes, scores)}


def _box_iou() -> Calls:
    return box_iou_calls(random_boxes(2048, 0), random_boxes(2048, 1), "iou")


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
    Case("nms", "10,000 random boxes", _nms, NMS_PEERS, compare=kept_alike),
    Case(
        "batched_nms",
        "10,000 boxes, 80 classes",
        _batched_nms,
        BATCHED_NMS_PEERS,
        compare=kept_alike,
    ),
    Case("soft_nms", "1,000 boxes around 100 objects", _soft_nms),
    Case("box_iou", "2048 x 2048", _box_iou, IOU_PEERS, compare=ious_alike),
    Case("im2col", "4 x 64 x 56 x 56, 3 x 3", _im2col, ("F.unfold",)),
    Case("col2im", "4 x 64 x 56 x 56, 3 x 3", _col2im, ("F.fold",)),
    Case("AliasTable.draw", "200,000 of 71,290", _alias, ("torch.multinomial",)),
    Case("match_greedily", "20,000 detections", _match),
    Case("match_detections", "20,000 detections of 1,000 images", _detections),
)
