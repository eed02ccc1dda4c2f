"""Assignment 4: numbers of masks, and the Dice loss."""

from __future__ import annotations

import numpy as np


def mask_iou(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Return the intersection over union of two boolean masks of one shape; 1 if both are empty."""
    union = (predicted | truth).sum()
    return float((predicted & truth).sum() / union) if union else 1.0


def dice(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Return the Dice coefficient of two boolean masks, 2 |A and B| / (|A| + |B|).

    It is 1 if both are empty.
    """
    total = predicted.sum() + truth.sum()
    return float(2 * (predicted & truth).sum() / total) if total else 1.0


def dice_loss(
    probabilities: np.ndarray, truth: np.ndarray, smooth: float = 1.0
) -> tuple[float, np.ndarray]:
    """Return the soft Dice loss of a mask, and its gradient by the probabilities.

    With p the probabilities (H, W) and t the truth (H, W) of 0 and 1, the loss is
    1 - (2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth).
    """
    above = 2 * (probabilities * truth).sum() + smooth
    below = probabilities.sum() + truth.sum() + smooth
    gradient = (above - 2 * truth * below) / below**2  # the quotient rule
    return float(1 - above / below), gradient
