"""Pictures in memory as bytes."""

from __future__ import annotations

import numpy as np

from nntasks.errors import UsageError


def as_bytes(pixels: np.ndarray, what: str) -> np.ndarray:
    """Return pixels as uint8 in 0..255.

    Args:
        pixels: bool, whole numbers in 0..255, or floats in 0..1.
        what: names them in messages.

    Raises:
        UsageError: other numbers.
    """
    if pixels.dtype.kind == "b":
        return pixels.astype(np.uint8) * 255
    if pixels.dtype.kind == "f":
        if not ((pixels >= 0) & (pixels <= 1)).all():
            raise UsageError(
                f"{what}: expected floats in 0..1, got {pixels.min():g} to {pixels.max():g}; "
                "divide by 255, or convert to uint8"
            )
        return np.rint(pixels * 255).astype(np.uint8)
    if pixels.min() < 0 or pixels.max() > 255:
        raise UsageError(
            f"{what}: expected whole numbers in 0..255, got {pixels.min()} to {pixels.max()}"
        )
    return pixels.astype(np.uint8, copy=False)
