"""Losses. Each returns its value, and its gradient by the outputs of the network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.layers.base import Array

Loss = Callable[[Array, Array], tuple[float, Array]]  # of outputs and targets


def softmax(logits: Array) -> Array:
    """Return probabilities (N, K). Each row's largest logit is subtracted to avoid overflow."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """Return the mean negative log-likelihood of softmax, and its gradient by the logits.

    Softmax and cross-entropy are one function, because their common gradient is simple.

    Args:
        logits: (N, K).
        labels: (N,) integers below K.

    Returns:
        the loss in nats, and (N, K): (softmax - one-hot) / N.

    Raises:
        UsageError: another shape, or a label that is no class.
    """
    labels = np.asarray(labels)
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or labels.dtype.kind not in "iu":
        raise UsageError(
            "cross_entropy: expected logits (N, K) and N whole numbers, got "
            f"{logits.shape} and {labels.dtype} {labels.shape}"
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < logits.shape[1]:
        raise UsageError(
            f"cross_entropy: expected labels in 0..{logits.shape[1] - 1}, got {labels.min()} to "
            f"{labels.max()}"
        )
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    loss = float((log_sum - shifted[rows, labels]).mean(dtype=np.float64))
    gradient = softmax(logits)
    gradient[rows, labels] -= 1
    return loss, gradient / len(labels)


def mean_squared_error(outputs: Array, targets: Array) -> tuple[float, Array]:
    """Return the mean of (output - target)^2 over all numbers, and its gradient by the outputs.

    Args:
        outputs, targets: of one shape.

    Raises:
        UsageError: the shapes differ; they are not broadcast.
    """
    targets = np.asarray(targets)
    if outputs.shape != targets.shape:
        raise UsageError(
            f"mean_squared_error: expected targets {outputs.shape} like the outputs, got "
            f"{targets.shape}"
        )
    difference = outputs - targets
    return float((difference * difference).mean(dtype=np.float64)), 2 * difference / outputs.size
