"""A digest of arrays by name, the same for NumPy and torch and for any layout in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np


def array_hash(arrays: Mapping[str, Any]) -> str:
    """Return the SHA-256 of names, dtypes, shapes and values (row-major), in hexadecimal."""
    found = hashlib.sha256()
    for name, array in arrays.items():
        values = raw_bytes(array)
        dtype = str(array.dtype).removeprefix("torch.")
        found.update(f"{name}\x1f{dtype}\x1f{tuple(array.shape)}\x1f".encode())
        found.update(values.data)
    return found.hexdigest()


def raw_bytes(array: Any) -> np.ndarray:
    """Return the values of a NumPy or torch array as bytes, (N,) uint8, in row-major order."""
    if hasattr(array, "detach"):
        import torch

        flat = array.detach().cpu().contiguous().reshape(-1)
        return flat.view(torch.uint8).numpy() if flat.numel() else np.zeros(0, np.uint8)
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)
