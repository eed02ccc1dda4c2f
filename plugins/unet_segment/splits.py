"""A split of pictures with masks: scaling, batching and augmentation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, Split
from nntasks.plugins.unet_segment.samples import Sample
from nntasks.seeding import Seeds

Change = Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
_MOST_KEPT = 2**30  # bytes of scaled pictures kept in memory


class MaskedPictures(Split):
    """Pictures and masks of one size.

    Args:
        samples: the samples to read.
        size: (height, width) that both are scaled to; None if all have one size.
        change: augmentation of a picture (3, H, W) and its mask (H, W), both uint8, with torch's
            global generator; None for none.
        seeds: the random streams; a picture draws from ("augment", epoch, index).
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        size: tuple[int, int] | None,
        change: Change | None,
        seeds: Seeds,
    ) -> None:
        self._samples, self._size, self._change, self._seeds = samples, size, change, seeds
        self._kept: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._samples)

    def contents(self) -> Any:
        """Return the samples; augmentation is not part of the data."""
        return self._samples

    @property
    def names(self) -> list[str]:
        """The names of all samples, in order."""
        return [sample.name for sample in self._samples]

    def batch(self, indices: Sequence[int], *, epoch: int | None = None) -> Batch:
        pairs = [self._changed(int(index), epoch) for index in indices]
        names = [self._samples[int(index)].name for index in indices]
        self._check_sizes([picture.shape for picture, _ in pairs], names)
        pictures, masks = (np.stack(parts) for parts in zip(*pairs, strict=True))
        return Batch(pictures, masks, names)

    def _check_sizes(self, shapes: Sequence[tuple[int, ...]], names: Sequence[str]) -> None:
        for shape, name in zip(shapes, names, strict=True):
            if shape != shapes[0]:
                raise UsageError(
                    f"{name} has {shape[1]} x {shape[0]} pixels, but {names[0]} has "
                    f"{shapes[0][1]} x {shapes[0][0]}; scale all with image_size=128"
                )

    def _changed(self, index: int, epoch: int | None) -> tuple[np.ndarray, np.ndarray]:
        picture, mask = self.fitted(index)
        if epoch is None or self._change is None:
            return picture, mask
        with self._seeds.torch_global("augment", epoch, index):
            changed, cut = self._change(
                torch.from_numpy(picture).permute(2, 0, 1), torch.from_numpy(mask)
            )
        return changed.permute(1, 2, 0).contiguous().numpy(), cut.contiguous().numpy()

    def fitted(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return a picture (H, W, 3) and its mask (H, W), scaled."""
        if index in self._kept:
            return self._kept[index]
        pair = fit(*self._samples[index].read(), self._size)
        self._bytes += sum(part.nbytes for part in pair)
        if self._bytes <= _MOST_KEPT:
            self._kept[index] = pair
        return pair


def fit(
    picture: np.ndarray, mask: np.ndarray, size: tuple[int, int] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Scale a picture smoothly and its mask to the nearest label."""
    if size is None or picture.shape[:2] == size:
        return np.array(picture), np.array(mask)
    across = size[::-1]
    scaled = Image.fromarray(picture).resize(across, Image.Resampling.BILINEAR)
    labels = Image.fromarray(mask).resize(across, Image.Resampling.NEAREST)
    return np.array(scaled), np.array(labels)
