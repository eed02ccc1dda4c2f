"""Softmax and cross-entropy in one: together they have a simple gradient."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.numpy_mlp.layers.base import Array


def softmax(logits: Array) -> Array:
    """Return probabilities (N, K). Each row's largest logit is subtracted to avoid overflow."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def cross_entropy(logits: Array, labels: Array) -> tuple[float, Array]:
    """Return the mean negative log-likelihood, and its gradient by the logits.

    Args:
        logits: (N, K).
        labels: (N,) integers below K.

    Returns:
        the loss in nats, and (N, K): (softmax - one-hot) / N.
    """
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    loss = float((log_sum - shifted[rows, labels]).mean(dtype=np.float64))
    gradient = softmax(logits)
    gradient[rows, labels] -= 1
    return loss, gradient / len(labels)
