"""NMS and box IoU by ours and by other libraries, as calls with the same input, and their results.

powerboxes, a library in Rust, takes part where it is installed (`pip install 'nntasks[bench]'`). It
wants NumPy arrays and scores of float64, which it gets beforehand. It has no NMS by classes, so
there its boxes are shifted apart by class, in float64, which is part of the call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
import torchvision
from torch import Tensor

from nntasks import ops
from nntasks.kernel_checks.inputs import Calls

POWERBOXES, R_TREE = "powerboxes", "powerboxes, R-tree"
NMS_PEERS = ("torchvision", POWERBOXES, R_TREE)
BATCHED_NMS_PEERS = IOU_PEERS = ("torchvision", POWERBOXES)
OTHER_IOU_PEERS = ("torchvision",)  # of DIoU and CIoU
NO_THRESHOLD = -1.0  # of scores, below all of them
CLOSE = 1e-5  # float32 of coordinates in the thousands, squared and divided
_ROWS_AT_ONCE = 256

_TORCHVISION_IOU = {
    "iou": torchvision.ops.box_iou,
    "giou": torchvision.ops.generalized_box_iou,
    "diou": torchvision.ops.distance_box_iou,
    "ciou": torchvision.ops.complete_box_iou,
}
# Its DIoU and CIoU of 0.3 are other numbers: 0 for boxes apart, and penalties that are not squared.
_POWERBOXES_IOU = {"iou": "parallel_iou_distance", "giou": "parallel_giou_distance"}


def nms_calls(boxes: Tensor, scores: Tensor, threshold: float) -> Calls:
    """Return calls of NMS: boxes (N, 4) float32 xyxy in pixels, scores (N,) float32."""
    calls: dict[str, Callable[[], Any]] = {
        "ours": partial(ops.nms, boxes, scores, threshold),
        "torchvision": partial(torchvision.ops.nms, boxes, scores, threshold),
    }
    library = _powerboxes()
    if library is not None:
        arrays = boxes.numpy(), scores.double().numpy(), threshold, NO_THRESHOLD
        calls[POWERBOXES] = partial(library.nms, *arrays)
        calls[R_TREE] = partial(library.rtree_nms, *arrays)
    return calls


def batched_nms_calls(boxes: Tensor, scores: Tensor, labels: Tensor, threshold: float) -> Calls:
    """Return calls of NMS within classes: as `nms_calls`, and labels (N,) int64 from 0."""
    data = boxes, scores, labels, threshold
    calls: dict[str, Callable[[], Any]] = {
        "ours": partial(ops.batched_nms, *data),
        "torchvision": partial(torchvision.ops.batched_nms, *data),
    }
    library = _powerboxes()
    if library is not None:
        arrays = boxes.numpy(), scores.double().numpy(), labels.numpy(), threshold
        calls[POWERBOXES] = partial(_nms_of_shifted, library.nms, *arrays)
    return calls


def box_iou_calls(a: Tensor, b: Tensor, kind: str) -> Calls:
    """Return calls of the IoU of (N, 4) with (M, 4) float32 boxes, xyxy.

    powerboxes gives 1 - IoU in float64, and has no part in "diou" and "ciou".
    """
    calls: dict[str, Callable[[], Any]] = {
        "ours": partial(ops.box_iou, a, b, kind),
        "torchvision": partial(_TORCHVISION_IOU[kind], a, b),
    }
    library = _powerboxes()
    if library is not None and kind in _POWERBOXES_IOU:
        calls[POWERBOXES] = partial(getattr(library, _POWERBOXES_IOU[kind]), a.numpy(), b.numpy())
    return calls


def one_after_another(sets: Sequence[Calls]) -> Calls:
    """Return calls that go through several inputs, one call for each, and return all results."""
    return {name: partial(_all, [calls[name] for calls in sets]) for name in sets[0]}


def kept_alike(ours: Any, theirs: Any) -> str:
    """Say how many kept boxes differ; "" for none. Boxes of equal scores may be in any order."""
    if isinstance(ours, Tensor):
        ours, theirs = [ours], [theirs]
    pairs = [({*mine.tolist()}, {*peer.tolist()}) for mine, peer in zip(ours, theirs, strict=True)]
    apart = sum(len(mine ^ peer) for mine, peer in pairs)
    return f"{apart:,} of {sum(len(mine) for mine, _ in pairs):,} kept differ" if apart else ""


def ious_alike(ours: Tensor, theirs: Any) -> str:
    """Say by how much two matrices of IoU differ; "" for less than `CLOSE`.

    Few rows are compared at a time, so that no further matrix comes into being.
    """
    distances = isinstance(theirs, np.ndarray)
    worst = 0.0
    for start in range(0, len(ours), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        peer = 1 - torch.from_numpy(theirs[rows]) if distances else theirs[rows]
        worst = max(worst, float((ours[rows] - peer).abs().max()))
    return f"differs by {worst:.0e}" if worst > CLOSE else ""


def _powerboxes() -> Any:
    """Return the library, None where it is not installed or cannot be loaded."""
    try:
        import powerboxes
    except (ImportError, OSError):
        return None
    return powerboxes


def _nms_of_shifted(
    nms: Callable[..., Any],
    boxes: np.ndarray[Any, Any],
    scores: np.ndarray[Any, Any],
    labels: np.ndarray[Any, Any],
    threshold: float,
) -> Any:
    shift = labels * (boxes.max().astype(np.float64) + 1)
    return nms(boxes + shift[:, None], scores, threshold, NO_THRESHOLD)


def _all(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    return [call() for call in calls]
