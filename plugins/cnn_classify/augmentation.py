"""Training pictures changed at random, as a function of (seed, epoch, index) alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from core.interfaces import Batch, Split
from core.seeding import Seeds

if TYPE_CHECKING:
    from torchvision.transforms import v2 as transforms

_PADDING = 8  # crop: pictures move by up to 1/8 of their side
_DEGREES, _ZOOM = 12, (0.9, 1.1)  # rotate
_JITTER, _HUE = 0.3, 0.05  # colour
_ERASED = (0.02, 0.25)  # erase: share of the area


def pipeline(names: Sequence[str], shape: Sequence[int], magnitude: int) -> transforms.Transform:
    """Return what presets do to a picture (C, H, W) uint8.

    Args:
        names: presets of `config.PRESETS`, in their order.
        shape: (H, W, C) of the pictures.
        magnitude: strength of RandAugment (Cubuk et al. 2020), of 30.
    """
    from torchvision.transforms import v2

    height, width, channels = shape
    bilinear = v2.InterpolationMode.BILINEAR
    colours = {"saturation": _JITTER, "hue": _HUE} if channels == 3 else {}
    presets: dict[str, Callable[[], Any]] = {
        "flip": v2.RandomHorizontalFlip,
        "crop": lambda: v2.RandomCrop(
            (height, width), padding=[-(-width // _PADDING), -(-height // _PADDING)]
        ),
        "rotate": lambda: v2.RandomAffine(_DEGREES, scale=_ZOOM, interpolation=bilinear),
        "colour": lambda: v2.ColorJitter(_JITTER, _JITTER, **colours),
        "randaugment": lambda: v2.RandAugment(magnitude=magnitude, interpolation=bilinear),
        "erase": lambda: v2.RandomErasing(scale=_ERASED),
    }
    return v2.Compose([presets[name]() for name in names])


class Augmented(Split):
    """A split whose pictures change from epoch to epoch.

    Args:
        split: of pictures (B, H, W, C) uint8.
        transform: changes one picture (C, H, W) with numbers of torch's own generator.
        seeds: the streams; a picture draws from ("augment", epoch, index).
    """

    def __init__(self, split: Split, transform: Callable[[Tensor], Tensor], seeds: Seeds) -> None:
        self._split, self._transform, self._seeds = split, transform, seeds

    def __len__(self) -> int:
        return len(self._split)

    def batch(self, indices: Sequence[int], *, epoch: int | None = None) -> Batch:
        batch = self._split.batch(indices)
        if epoch is None:
            return batch
        pictures = torch.from_numpy(batch.inputs).permute(0, 3, 1, 2)
        changed = []
        for index, picture in zip(indices, pictures, strict=True):
            with self._seeds.torch_global("augment", epoch, int(index)):
                changed.append(self._transform(picture))
        inputs = torch.stack(changed).permute(0, 2, 3, 1).numpy()
        return Batch(inputs, batch.targets, batch.ids)
