"""Augmentation of training pictures: a function of (seed, epoch, index) alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from nntasks.interfaces import Batch, Split
from nntasks.ops import philox
from nntasks.plugins.cnn_classify.batch_transforms import crop, flip, rotate
from nntasks.plugins.cnn_classify.config import PRESETS
from nntasks.seeding import TORCH_GENERATOR, Seeds

# Changes pictures (B, C, H, W) uint8; row i of the random words (B, 4) belongs to picture i.
Change = Callable[[Tensor, Tensor], Tensor]

_PADDING = 8  # crop: largest shift is 1/8 of the side
_DEGREES, _ZOOM = 12.0, (0.9, 1.1)  # rotate
_JITTER, _HUE = 0.3, 0.05  # colour
_ERASED = (0.02, 0.25)  # erase: range of the erased share of the area


def changes(names: Sequence[str], channels: int, magnitude: int) -> dict[str, Change]:
    """Return the changes of the presets, by name.

    Args:
        names: presets of `config.PRESETS`, in order of application.
        channels: of the pictures.
        magnitude: strength of RandAugment (Cubuk et al. 2020), 0 to 30.
    """
    moves: dict[str, Change] = {
        "flip": flip,
        "crop": partial(crop, padding=_PADDING),
        "rotate": partial(rotate, degrees=_DEGREES, zoom=_ZOOM),
    }
    return {n: moves[n] if n in moves else _one_by_one(n, channels, magnitude) for n in names}


def _one_by_one(name: str, channels: int, magnitude: int) -> Change:
    """Return a torchvision transform, which uses torch's global generator, as a change."""
    from torchvision.transforms import v2

    if name == "colour":
        colours = {"saturation": _JITTER, "hue": _HUE} if channels == 3 else {}
        transform = v2.ColorJitter(_JITTER, _JITTER, **colours)
    elif name == "randaugment":
        bilinear = v2.InterpolationMode.BILINEAR
        transform = v2.RandAugment(magnitude=magnitude, interpolation=bilinear)
    else:
        transform = v2.RandomErasing(scale=_ERASED)

    def change(pictures: Tensor, words: Tensor) -> Tensor:
        with TORCH_GENERATOR, torch.random.fork_rng(devices=[]):
            changed = []
            for picture, (high, low) in zip(pictures, words[:, :2].tolist(), strict=True):
                torch.default_generator.manual_seed((high & 0x7FFFFFFF) << 32 | low)
                changed.append(transform(picture))
        return torch.stack(changed)

    return change


class Augmented(Split):
    """A split whose pictures are augmented anew in each epoch.

    Args:
        split: yields pictures (B, H, W, C) uint8.
        changes: by name. A picture's random words are a function of (seed, epoch, index, name).
        seeds: the random streams of the run.
    """

    def __init__(self, split: Split, changes: dict[str, Change], seeds: Seeds) -> None:
        self._split, self._changes, self._seeds = split, changes, seeds

    def __len__(self) -> int:
        return len(self._split)

    def contents(self) -> Any:
        """Return the contents of the split below; augmentation is not part of the data."""
        return self._split

    def batch(self, indices: Sequence[int], *, epoch: int | None = None) -> Batch:
        batch = self._split.batch(indices)
        if epoch is None:
            return batch
        counters = torch.tensor([int(index) for index in indices])
        seed = self._seeds.integer("augment", epoch)
        pictures = torch.from_numpy(batch.inputs).permute(0, 3, 1, 2)
        for name, change in self._changes.items():
            pictures = change(pictures, philox(counters, seed, PRESETS.index(name)))
        return Batch(pictures.permute(0, 2, 3, 1).numpy(), batch.targets, batch.ids)
