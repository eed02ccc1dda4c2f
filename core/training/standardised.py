"""An image network that standardises its input."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from nntasks.interfaces import Split

# ImageNet's channels, as used by published weights.
IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
_STATISTICS = 10_000  # training pictures used to estimate them
_AT_ONCE = 500


class Standardised(nn.Module):
    """Standardises each channel to mean 0 and deviation 1, then calls a network.

    Mean and deviation are estimated from training pictures and stored with the weights.

    Args:
        network: reads (B, C, H, W).
        channels: C.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: nn.Module, channels: int) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("deviation", torch.ones(channels, 1, 1))

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the network's output for pictures (B, C, H, W) in 0..255."""
        return self.network(self.standardised(pictures))

    def standardised(self, pictures: Tensor) -> Tensor:
        """Return the input of the network for pictures (B, C, H, W) in 0..255."""
        return (pictures - self.mean) / self.deviation

    def standardise(self, mean: Sequence[float], deviation: Sequence[float]) -> None:
        """Set the mean and deviation of each channel, in 0..255."""
        for buffer, values in ((self.mean, mean), (self.deviation, deviation)):
            buffer.copy_(torch.from_numpy(np.maximum(values, 1e-3)).view_as(buffer))

    def standardise_like(self, train: Split) -> None:
        """Estimate both from the first training pictures, in batches of (B, H, W, C) bytes."""
        count = min(len(train), _STATISTICS)
        channels = self.mean.numel()
        sums, squares, places = np.zeros(channels), np.zeros(channels), 0
        for first in range(0, count, _AT_ONCE):
            inputs = train.batch(range(first, min(first + _AT_ONCE, count))).inputs
            values = inputs.reshape(-1, inputs.shape[-1]).astype(np.float64)
            sums += values.sum(axis=0)
            squares += (values**2).sum(axis=0)
            places += len(values)
        mean = sums / places
        deviation = np.sqrt(np.maximum(squares / places - mean**2, 0))
        self.standardise(mean.tolist(), deviation.tolist())


def pixels(pictures: np.ndarray, device: torch.device) -> Tensor:
    """Return (B, H, W, C) bytes as (B, C, H, W) floats in 0..255."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).to(device).float()
