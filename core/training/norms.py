"""Normalisation of maps by name."""

from __future__ import annotations

from torch import nn

_MOST_GROUPS = 32  # of group norm, as its authors found best (Wu and He, ECCV 2018)


def normalisation(kind: str, channels: int) -> nn.Module:
    """Return a layer that normalises maps (B, C, H, W) of `channels` channels.

    Args:
        kind: "batch" (Ioffe and Szegedy 2015); "layer", over channels and places of a picture (Ba
            et al. 2016); "group" (Wu and He 2018); "none" changes nothing.
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
