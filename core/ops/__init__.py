"""Kernels that need torch and nothing else: `from core.ops import nms, batched_nms, box_iou`."""

from __future__ import annotations

from core.ops._library import active, native_available, use
from core.ops.alias import AliasTable
from core.ops.im2col import col2im, im2col
from core.ops.iou import box_iou
from core.ops.matching import match_greedily
from core.ops.nms import batched_nms, nms
from core.ops.philox import philox
from core.ops.skipgram import skipgram
from core.ops.soft_nms import soft_nms

__all__ = [
    "AliasTable",
    "active",
    "batched_nms",
    "box_iou",
    "col2im",
    "im2col",
    "match_greedily",
    "native_available",
    "nms",
    "philox",
    "skipgram",
    "soft_nms",
    "use",
]
