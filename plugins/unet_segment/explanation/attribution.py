"""The terms of a logit by level, and its effective receptive field.

The decoder computes a logit from the maps of the encoder: one by each skip connection, and the
lowest one. Integrated Gradients (Sundararajan, Taly and Yan, "Axiomatic attribution for deep
networks", ICML 2017) splits the difference between this logit and that of a plain picture among the
cells of these maps: a cell gets its change times the mean gradient on the straight line between
both. By completeness the terms add up to the difference; what numerical integration leaves is the
residual.

The effective receptive field is the gradient's magnitude at each input pixel (Luo, Li, Urtasun and
Zemel, "Understanding the effective receptive field in deep convolutional neural networks", NeurIPS
2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from nntasks.plugins.unet_segment.explanation.window import Window
from nntasks.plugins.unet_segment.network import UNet

FEWEST_STEPS, MOST_STEPS = 32, 256
TOLERANCE = 1e-3  # of the difference of both logits, or of 1 if that is smaller
_PIXELS_AT_ONCE = 2**16  # of the decoder's window, over all steps of a batch


@dataclass(frozen=True)
class Attribution:
    """The terms of a logit.

    Attributes:
        logit: of the pixel.
        plain: logit of the same pixel in a picture of the mean colour.
        maps: (h, w) terms of the cells of each level that the decoder reads, largest map first.
        removed: by how much the logit falls if one level alone is that of the plain picture.
        steps: points at which the gradient was taken.
    """

    logit: float
    plain: float
    maps: Sequence[np.ndarray]
    removed: Sequence[float]
    steps: int

    @property
    def residual(self) -> float:
        """What the terms lack of the difference of both logits."""
        return self.logit - self.plain - sum(float(terms.sum()) for terms in self.maps)


def attribute(network: UNet, picture: Tensor, window: Window) -> Attribution:
    """Split a logit among the maps of the encoder.

    Args:
        network: in evaluation mode.
        picture: (1, C, H, W) standardised: the mean colour is 0.
        window: where the logit is, and what it depends on.
    """
    with torch.no_grad():
        part = window.part(network.padded(picture))
        maps = window.read_maps(network.down(part))
        plain_maps = window.read_maps(network.down(torch.zeros_like(part)))
        logit, plain = (float(window.logit(network, found)) for found in (maps, plain_maps))
        removed = []
        for level in range(len(maps)):
            without = [*maps[:level], plain_maps[level], *maps[level + 1 :]]
            removed.append(logit - float(window.logit(network, without)))
    steps = FEWEST_STEPS
    while True:
        terms = _integrated(network, window, maps, plain_maps, steps)
        found = Attribution(logit, plain, terms, removed, steps)
        if abs(found.residual) <= TOLERANCE * max(abs(logit - plain), 1) or steps >= MOST_STEPS:
            return found
        steps *= 2


def _integrated(
    network: UNet, window: Window, maps: Sequence[Tensor], plain: Sequence[Tensor], steps: int
) -> list[np.ndarray]:
    """Return the terms (h, w) of each map: midpoint rule with `steps` points."""
    changes = [one - other for one, other in zip(maps, plain, strict=True)]
    gradients = [torch.zeros_like(change) for change in changes]
    at_once = max(_PIXELS_AT_ONCE // window.decoded_pixels, 1)
    middles = (torch.arange(steps, device=maps[0].device) + 0.5) / steps
    for shares in middles.to(maps[0].dtype).split(at_once):
        points = [
            (other + shares[:, None, None, None] * change).requires_grad_()
            for other, change in zip(plain, changes, strict=True)
        ]
        logits = window.logit(network, points)
        for total, gradient in zip(
            gradients, torch.autograd.grad(logits.sum(), points), strict=True
        ):
            total += gradient.sum(dim=0, keepdim=True)
    return [
        (change * total / steps).sum(dim=(0, 1)).cpu().numpy()
        for change, total in zip(changes, gradients, strict=True)
    ]


def gradient_magnitude(network: UNet, picture: Tensor, window: Window) -> np.ndarray:
    """Return (H, W): the sum over channels of the logit's absolute derivative by each pixel.

    Args:
        network, picture, window: as in `attribute`.
    """
    pixels = picture.detach().clone().requires_grad_()
    part = window.part(network.padded(pixels))
    logit = window.logit(network, window.read_maps(network.down(part)))
    (gradient,) = torch.autograd.grad(logit.sum(), pixels)
    return gradient.abs().sum(dim=(0, 1)).cpu().numpy()
