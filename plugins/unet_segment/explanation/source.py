"""The picture to explain: a file, or a picture of the test split; with its mask if it has one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nntasks.config import build
from nntasks.errors import UsageError, did_you_mean
from nntasks.interfaces import Splits
from nntasks.pictures.files import SUFFIXES, read_image
from nntasks.pictures.labels import read_labels
from nntasks.plugins.unet_segment.config import UnetConfig
from nntasks.plugins.unet_segment.data.mask_contents import contents_of
from nntasks.plugins.unet_segment.data.mask_folders import FolderOptions
from nntasks.plugins.unet_segment.data.mask_meaning import decide
from nntasks.plugins.unet_segment.splits import MaskedPictures, fit

_NAMED = 3


@dataclass(frozen=True)
class Source:
    """A picture at the size at which it is segmented.

    Attributes:
        name: the file, or the name of the test picture.
        picture: (H, W, 3) uint8.
        truth: (H, W) uint8 of 0, 1 and 255; None without a mask.
        width, height: of the original, in whose pixels a user counts.
        tile: side of the tiles that `predict` would split the picture into; 0 for none.
    """

    name: str
    picture: np.ndarray
    truth: np.ndarray | None
    width: int
    height: int
    tile: int = 0

    def pixel(self, wanted: tuple[int, int]) -> tuple[int, int]:
        """Return the pixel of `picture` at a pixel (x, y) of the original.

        Raises:
            UsageError: the original has no such pixel.
        """
        x, y = wanted
        if x >= self.width or y >= self.height:
            raise UsageError(
                f"pixel={x},{y}: {self.name} has {self.width} x {self.height} pixels; expected x "
                f"from 0 to {self.width - 1} and y from 0 to {self.height - 1}"
            )
        height, width = self.picture.shape[:2]
        return _scaled(x, self.width, width), _scaled(y, self.height, height)

    def original(self, pixel: tuple[int, int]) -> tuple[int, int]:
        """Return the pixel of the original at the middle of a pixel of `picture`."""
        height, width = self.picture.shape[:2]
        return _scaled(pixel[0], width, self.width), _scaled(pixel[1], height, self.height)


def _scaled(position: int, size: int, other: int) -> int:
    """Return the position among `other` pixels at the middle of one among `size`."""
    return (2 * position + 1) * other // (2 * size)


def find_source(
    words: str, mask: Path | None, config: UnetConfig, load_data: Callable[[], Splits]
) -> Source:
    """Read a picture file, or a picture of the test split by its name.

    Args:
        words: a file, or a name as in `items.csv`.
        mask: the mask of a picture file; None for none.
        config: the task's keys. Picture files are scaled to `image_size`, as in `predict`.
        load_data: loads the data set of the run.

    Raises:
        UsageError: there is no such picture, it cannot be read, or it does not fit the mask.
    """
    path = Path(words)
    if path.is_file() or path.suffix.lower() in SUFFIXES:
        return _from_file(path, mask, config)
    if path.is_dir():
        raise UsageError(f"expected one picture, got the folder {words}")
    if mask is not None:
        raise UsageError(f"mask: expected a picture file with it, got the test picture {words}")
    return _from_split(words, load_data().test)


def _from_file(path: Path, mask: Path | None, config: UnetConfig) -> Source:
    picture = np.array(read_image(path))
    height, width = picture.shape[:2]
    truth = None if mask is None else _read_mask(mask, config)
    if truth is not None and truth.shape != (height, width):
        raise UsageError(
            f"mask={mask} has {truth.shape[1]} x {truth.shape[0]} pixels, but {path} has "
            f"{width} x {height}"
        )
    labels = np.zeros((height, width), np.uint8) if truth is None else truth
    side = config.image_size
    size = (side, side) if side and not config.tile else None
    picture, labels = fit(picture, labels, size)
    shown = None if truth is None else labels
    return Source(str(path), picture, shown, width, height, config.tile)


def _read_mask(path: Path, config: UnetConfig) -> np.ndarray:
    """Read a mask by the keys of `data=mask_folders`, if that is the data set, or by its labels."""
    given = config.data_options if config.data == "mask_folders" else {}
    keys = build(FolderOptions, given, prefix="data.").mask_keys
    labels = read_labels(path)
    return decide([contents_of(path, labels)], keys).mask(labels)


def _from_split(name: str, split: object) -> Source:
    if not isinstance(split, MaskedPictures):
        raise UsageError(f"expected a picture file, got {name}")
    names = split.names
    if name not in names:
        some = ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
        raise UsageError(
            f"expected a picture file or a test picture ({some}), got {name}."
            f"{did_you_mean(name, names)}"
        )
    picture, truth = split.fitted(names.index(name))
    height, width = picture.shape[:2]
    return Source(name, picture, truth, width, height)
