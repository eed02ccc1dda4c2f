"""Bit-exact comparison of numbers and of nested values with arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def equal(a: Any, b: Any) -> bool:
    """Return whether two nested values, possibly with arrays, are equal."""
    if hasattr(a, "__dataclass_fields__"):
        return type(a) is type(b) and equal(vars(a), vars(b))
    if isinstance(a, Mapping):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    if hasattr(a, "shape"):
        x, y = as_numpy(a), as_numpy(b)
        return x.shape == y.shape and x.dtype == y.dtype and x.tobytes() == y.tobytes()
    return bool(a == b)


def as_numpy(array: Any) -> np.ndarray:
    """Return an array of NumPy or torch as one of NumPy, bit by bit."""
    if hasattr(array, "detach"):
        array = array.detach().cpu()
        if str(array.dtype) == "torch.bfloat16":  # a type that NumPy lacks; the conversion is exact
            array = array.float()
        array = array.numpy()
    return np.asarray(array, order="C")


def differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
    """Return the first key in which two mappings differ; empty if they are equal."""
    for name in [*a, *(name for name in b if name not in a)]:
        if name not in a or name not in b or not equal(a[name], b[name]):
            return name
    return ""


def same_number(a: float, b: float) -> bool:
    """Whether two numbers are equal, or both undefined."""
    return a == b or (math.isnan(a) and math.isnan(b))


def first_difference(a: Mapping[str, float], b: Mapping[str, float]) -> str:
    """Describe the first different number: `accuracy is 0.5, not 0.75`; empty if all are equal."""
    for name in a.keys() | b.keys():
        if name not in a or name not in b:
            return f"{name} is missing from one"
        if not same_number(a[name], b[name]):
            return f"{name} is {b[name]!r}, not {a[name]!r}"
    return ""
