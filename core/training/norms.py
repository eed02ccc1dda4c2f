"""Normalisation layers by name."""

from __future__ import annotations

from torch import nn

_MOST_GROUPS = 32  # groups of group norm, the authors' choice (Wu and He, ECCV 2018)


def normalisation(kind: str, channels: int) -> nn.Module:
    """Return a normalisation layer for feature maps (B, C, H, W).

    Args:
        kind: "batch" (Ioffe and Szegedy 2015); "layer", over channels and positions (Ba et al.
            2016); "group" (Wu and He 2018); "none", the identity.
        channels: C.
    """
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    if kind == "layer":
        return nn.GroupNorm(1, channels)
    if kind == "group":
        groups = max(n for n in range(1, _MOST_GROUPS + 1) if channels % n == 0)
        return nn.GroupNorm(groups, channels)
    return nn.Identity()
