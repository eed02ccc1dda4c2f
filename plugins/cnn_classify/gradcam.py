"""Grad-CAM: gradient-weighted class activation maps.

R. R. Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based
localization", ICCV 2017.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nntasks.plugins.cnn_classify.activations import gives_tokens, is_feature_map, watch_layers
from nntasks.plugins.cnn_classify.model import PictureClassifier

LEAST_SIDE = 4  # side of the smallest map that is used; smaller ones locate too little


@dataclass(frozen=True)
class Attention:
    """The evidence for a class, by place.

    Attributes:
        layer: name of the layer that the maps come from.
        maps: (B, h, w) float32, not negative: how much each place raised the class's logit.
    """

    layer: str
    maps: np.ndarray

    def over(self, height: int, width: int) -> np.ndarray:
        """Return the maps (B, height, width), scaled bilinearly, each with a largest value of 1."""
        maps = torch.from_numpy(self.maps)[:, None]
        large = functional.interpolate(maps, (height, width), mode="bilinear")[:, 0].numpy()
        return large / np.maximum(large.max(axis=(1, 2), keepdims=True), 1e-12)


def grad_cam(
    model: PictureClassifier, pictures: np.ndarray, labels: np.ndarray, layer: str = ""
) -> Attention | None:
    """Return the evidence maps for classes.

    Args:
        model: a classifier; not changed.
        pictures: (B, H, W, C) uint8.
        labels: (B,) the class to explain for each picture.
        layer: the layer to use; by default the last one with a map of 4 x 4 or more.

    Returns:
        the maps; None if no layer has such a map, or the last one is turned into tokens.
    """
    layer = layer or _last_map(model, pictures[:1])
    if not layer:
        return None
    seen: list[Tensor] = []

    def keep(name: str, part: nn.Module, output: Tensor) -> Tensor | None:
        if name != layer:
            return None
        seen.append(output.clone())  # the next layer may overwrite the output in place
        return seen[-1]

    network = model.module.eval()
    with torch.enable_grad(), watch_layers(network, keep):
        logits = network(model.pixels(pictures).requires_grad_())
        chosen = logits.gather(1, torch.as_tensor(labels, device=model.device)[:, None]).sum()
        (gradient,) = torch.autograd.grad(chosen, seen[-1])
    weights = gradient.mean(dim=(2, 3), keepdim=True)  # (B, C, 1, 1)
    maps = (weights * seen[-1]).sum(dim=1).relu()
    return Attention(layer, maps.detach().float().cpu().numpy())


def has_map(model: PictureClassifier, pictures: np.ndarray) -> bool:
    """Return whether `grad_cam` finds a map in a network, for pictures (B, H, W, C) uint8."""
    return bool(_last_map(model, pictures[:1]))


def _last_map(model: PictureClassifier, picture: np.ndarray) -> str:
    """Return the layer of the last map; empty if tokens follow it, as in a vision transformer.

    Attention mixes the places of a picture, so a map before it does not show where the network
    looks.
    """
    found = [""]

    def note(name: str, part: nn.Module, output: Tensor) -> None:
        if gives_tokens(part, output):
            found.append("")
        elif is_feature_map(part, output) and min(output.shape[2:]) >= LEAST_SIDE:
            found.append(name)

    with torch.inference_mode(), watch_layers(model.module.eval(), note):
        model.module(model.pixels(picture))
    return found[-1]
