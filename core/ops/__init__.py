"""Kernels that need torch and nothing else: `from nntasks.ops import nms, batched_nms, box_iou`."""

from __future__ import annotations

from nntasks.ops._library import active, has_kernel, mode, native_available, use
from nntasks.ops.alias import AliasTable
from nntasks.ops.im2col import col2im, im2col
from nntasks.ops.iou import box_iou
from nntasks.ops.match_detections import DetectionMatches, match_detections
from nntasks.ops.matching import match_greedily
from nntasks.ops.nms import batched_nms, nms
from nntasks.ops.philox import philox
from nntasks.ops.ranking import Hits, precision_at_recalls, rank_hits
from nntasks.ops.skipgram import SkipgramCounts, SkipgramSettings, skipgram
from nntasks.ops.soft_nms import soft_nms
from nntasks.ops.weighted_ap import Rankings, weighted_ap

__all__ = [
    "AliasTable",
    "DetectionMatches",
    "Hits",
    "Rankings",
    "SkipgramCounts",
    "SkipgramSettings",
    "active",
    "batched_nms",
    "box_iou",
    "col2im",
    "has_kernel",
    "im2col",
    "match_detections",
    "match_greedily",
    "mode",
    "native_available",
    "nms",
    "philox",
    "precision_at_recalls",
    "rank_hits",
    "skipgram",
    "soft_nms",
    "use",
    "weighted_ap",
]
