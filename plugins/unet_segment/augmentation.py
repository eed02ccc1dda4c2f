"""Augmentation of a training picture together with its mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from nntasks.plugins.unet_segment.samples import IGNORED
from nntasks.plugins.unet_segment.splits import Change

_ZOOM, _RATIO = (0.5, 1.0), (0.8, 1.25)  # crop: range of the area share, and of width / height
_DEGREES = 15  # rotate
_JITTER, _HUE = 0.3, 0.05  # colour
_BEND, _SMOOTH = 30.0, 6.0  # elastic: strength and smoothness, in pixels


def changes(names: Sequence[str], height: int, width: int) -> Change | None:
    """Return the presets as one change, in their order; None without presets.

    Mask pixels from outside the picture become 255, which is not counted.
    """
    if not names:
        return None
    from torchvision import tv_tensors
    from torchvision.transforms import v2

    bilinear = v2.InterpolationMode.BILINEAR
    outside = {tv_tensors.Image: 0, tv_tensors.Mask: IGNORED}
    presets: dict[str, Callable[[], Any]] = {
        "flip": v2.RandomHorizontalFlip,
        "crop": lambda: v2.RandomResizedCrop((height, width), _ZOOM, _RATIO),
        "rotate": lambda: v2.RandomRotation(_DEGREES, bilinear, fill=outside),
        "colour": lambda: v2.ColorJitter(_JITTER, _JITTER, _JITTER, _HUE),
        "elastic": lambda: v2.ElasticTransform(_BEND, _SMOOTH, bilinear, fill=outside),
    }
    chosen = v2.Compose([presets[name]() for name in names])

    def change(picture: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        changed = chosen(tv_tensors.Image(picture), tv_tensors.Mask(mask))
        return changed[0].as_subclass(torch.Tensor), changed[1].as_subclass(torch.Tensor)

    return change
