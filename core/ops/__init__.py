"""Kernels that need torch and nothing else: `from core.ops import nms, batched_nms, box_iou`."""

from __future__ import annotations

from core.ops._library import active, native_available, use
from core.ops.iou import box_iou
from core.ops.nms import batched_nms, nms

__all__ = ["active", "batched_nms", "box_iou", "native_available", "nms", "use"]
