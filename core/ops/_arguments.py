"""Shared argument checks of the ops, made once, before either implementation runs."""

from __future__ import annotations

from numbers import Real
from typing import SupportsFloat, SupportsIndex

import torch
from torch import Tensor

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)

MOST = 2**63 - 1  # the range of an int in a schema


def check_boxes(op: str, name: str, boxes: Tensor) -> None:
    """Check that `boxes` is a floating-point tensor of shape (N, 4)."""
    check_floats(op, name, boxes)
    if boxes.dim() != 2 or boxes.shape[1] != 4:
        raise ValueError(
            f"{op}: {name} must have shape (N, 4), one row x1, y1, x2, y2 a box; "
            f"got {tuple(boxes.shape)}"
        )


def check_tensor(op: str, name: str, value: Tensor) -> None:
    """Check that a value is a tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(f"{op}: {name} must be a torch tensor, got {type(value).__name__}")


def check_floats(op: str, name: str, value: Tensor) -> None:
    """Check that a value is a tensor of float16, bfloat16, float32 or float64."""
    check_tensor(op, name, value)
    if value.dtype not in FLOATS:
        raise TypeError(
            f"{op}: {name} must be float16, bfloat16, float32 or float64, got {value.dtype}; "
            f"use {name}.float()"
        )


def check_integers(op: str, name: str, value: Tensor) -> None:
    """Check that a value is a tensor of integers."""
    check_tensor(op, name, value)
    if value.dtype not in INTEGERS:
        raise TypeError(
            f"{op}: {name} must be a tensor of integers, got {value.dtype}; use {name}.long()"
        )


def check_one_per_box(op: str, name: str, value: Tensor, boxes: Tensor) -> None:
    """Check that there is one value a box, on the boxes' device."""
    if value.dim() != 1 or value.shape[0] != boxes.shape[0]:
        raise ValueError(
            f"{op}: {name} must have shape ({boxes.shape[0]},), one value a box; "
            f"got {tuple(value.shape)}"
        )
    check_same_device(op, "boxes", boxes, name, value)


def check_same_device(op: str, first: str, a: Tensor, second: str, b: Tensor) -> None:
    """Check that two tensors are on the same device."""
    if a.device != b.device:
        raise ValueError(
            f"{op}: {first} and {second} must be on one device, got {a.device} and {b.device}; "
            f"use {second}.to({first}.device)"
        )


def checked_threshold(op: str, value: SupportsFloat) -> float:
    """Return an IoU threshold as a float in [0, 1]."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(
            f"{op}: iou_threshold must be a number from 0 to 1, got {type(value).__name__}"
        )
    threshold = float(value)
    if not 0.0 <= threshold <= 1.0:
        raise ValueError(f"{op}: iou_threshold must be from 0 to 1, got {threshold}")
    return threshold


def _is_int(value: object) -> bool:
    """Return whether a value is an int or convertible to one, but not a bool or tensor."""
    if isinstance(value, (bool, Tensor)):
        return False
    return isinstance(value, int) or hasattr(value, "__index__")  # Dynamo cannot trace hasattr


def _as_int(value: SupportsIndex) -> int:
    """Return a value as an int; symbolic sizes of torch.compile stay symbolic."""
    return value if isinstance(value, torch.SymInt) else int(value)  # type: ignore[return-value]


def checked_int(op: str, name: str, value: SupportsIndex, least: int, most: int) -> int:
    """Return an int from `least` to `most`."""
    if not _is_int(value):
        raise TypeError(f"{op}: {name} must be an int, got {type(value).__name__}")
    number = _as_int(value)
    if not least <= number <= most:
        raise ValueError(f"{op}: {name} must be from {least} to {most}, got {number}")
    return number


def checked_word(op: str, name: str, value: SupportsIndex) -> int:
    """Return a number from 0 to 2^64 - 1 as the int64 with the same bits."""
    bits = checked_int(op, name, value, 0, 2**64 - 1)
    return bits - 2**64 if bits > MOST else bits


def check_int64(op: str, name: str, value: Tensor) -> None:
    """Check that a value is an int64 tensor, as raw ops require."""
    check_tensor(op, name, value)
    if value.dtype != torch.int64:
        raise TypeError(f"{op}: {name} must be int64, got {value.dtype}; use {name}.long()")


def checked_limit(op: str, value: SupportsIndex | None) -> int | None:
    """Return `max_output` as a non-negative int, or None for no limit."""
    if value is None:
        return None
    if not _is_int(value):
        raise TypeError(f"{op}: max_output must be an int or None, got {type(value).__name__}")
    limit = _as_int(value)
    if limit < 0:
        raise ValueError(f"{op}: max_output must be 0 or more, or None for all, got {limit}")
    return min(limit, MOST)
