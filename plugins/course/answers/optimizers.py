"""Assignment 1: optimisers."""

from __future__ import annotations

import numpy as np


class Momentum:
    """Gradient descent with momentum: v <- momentum v + g, then w <- w - lr v.

    One object serves all parameters of a network; v begins at 0.
    """

    def __init__(self, lr: float, momentum: float) -> None:
        """Keep the settings."""
        self.lr, self.momentum = lr, momentum
        self.velocities: list[np.ndarray] = []

    def step(self, parameters: list[np.ndarray], gradients: list[np.ndarray]) -> None:
        """Change every parameter in place by its gradient."""
        if not self.velocities:
            self.velocities = [np.zeros_like(value) for value in parameters]
        for value, gradient, velocity in zip(parameters, gradients, self.velocities, strict=True):
            velocity *= self.momentum
            velocity += gradient
            value -= self.lr * velocity


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1), with both means corrected for their start at 0.

    m <- beta1 m + (1 - beta1) g, s <- beta2 s + (1 - beta2) g^2, and in step t, from 1,
    w <- w - lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + epsilon).
    """

    def __init__(
        self, lr: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
    ) -> None:
        """Keep the settings."""
        self.lr, self.beta1, self.beta2, self.epsilon = lr, beta1, beta2, epsilon
        self.steps = 0
        self.means: list[np.ndarray] = []
        self.squares: list[np.ndarray] = []

    def step(self, parameters: list[np.ndarray], gradients: list[np.ndarray]) -> None:
        """Change every parameter in place by its gradient."""
        if not self.means:
            self.means = [np.zeros_like(value) for value in parameters]
            self.squares = [np.zeros_like(value) for value in parameters]
        self.steps += 1
        for index, (value, gradient) in enumerate(zip(parameters, gradients, strict=True)):
            mean, square = self.means[index], self.squares[index]
            mean += (1 - self.beta1) * (gradient - mean)
            square += (1 - self.beta2) * (gradient * gradient - square)
            corrected_mean = mean / (1 - self.beta1**self.steps)
            corrected_square = square / (1 - self.beta2**self.steps)
            value -= self.lr * corrected_mean / (np.sqrt(corrected_square) + self.epsilon)
