"""Assignment 1: layers with forward and backward pass, and the loss."""

from __future__ import annotations

import numpy as np


class Linear:
    """The linear layer y = x W + b, with its backward pass.

    `weight` is (I, O) and `bias` (O,). `backward` sets `weight_gradient` and `bias_gradient`.
    """

    def __init__(self, weight: np.ndarray, bias: np.ndarray) -> None:
        """Keep the parameters."""
        self.weight, self.bias = weight, bias

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y (N, O) for x (N, I), and keep what `backward` needs."""
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Take the gradient by y (N, O), set those of the parameters, return that by x (N, I)."""
        # Each entry of W meets every sample: the sum over samples is a product of matrices.
        self.weight_gradient = self.x.T @ gradient
        self.bias_gradient = gradient.sum(axis=0)
        return gradient @ self.weight.T


class Relu:
    """The activation y = max(x, 0), entry by entry; its slope at 0 is 0."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y in the shape of x."""
        self.on = x > 0
        return np.where(self.on, x, 0.0)

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Take the gradient by y, return that by x."""
        return gradient * self.on


class Sigmoid:
    """The activation y = 1 / (1 + exp(-x)), right for x = -1000 and x = 1000, too."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y in the shape of x."""
        # exp never gets a positive number, so it cannot overflow.
        power = np.exp(-np.abs(x))
        self.y = np.where(x >= 0, 1 / (1 + power), power / (1 + power))
        return self.y

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Take the gradient by y, return that by x."""
        return gradient * self.y * (1 - self.y)


def softmax_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean cross-entropy of a batch in nats, and its gradient by the logits (N, K).

    `logits` are (N, K), `labels` (N,) integers. Logits of 1000 must not overflow.
    """
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)  # softmax does not see the difference
    powers = np.exp(shifted)
    sums = powers.sum(axis=1, keepdims=True)
    loss = (np.log(sums[:, 0]) - shifted[rows, labels]).mean()
    gradient = powers / sums  # the probabilities ...
    gradient[rows, labels] -= 1  # ... less the truth ...
    return float(loss), gradient / len(labels)  # ... and the loss is a mean
