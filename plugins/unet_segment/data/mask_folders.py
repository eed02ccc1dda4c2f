"""User pictures and masks: two folders with files of the same names."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from nntasks.config import Integers, Options
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Dataset, Splits
from nntasks.pictures.files import read_image
from nntasks.pictures.labels import read_labels
from nntasks.plugins.unet_segment.data.mask_contents import MaskContents, contents_of
from nntasks.plugins.unet_segment.data.mask_keys import MaskKeys
from nntasks.plugins.unet_segment.data.mask_meaning import Meaning, decide
from nntasks.plugins.unet_segment.data.pair_checks import common_size, of_each
from nntasks.plugins.unet_segment.data.pairing import Pair, find_pairs
from nntasks.plugins.unet_segment.samples import Sample
from nntasks.seeding import Seeds


class FolderOptions(Options):
    """Options of `data=mask_folders`."""

    images: Path | None = Field(None, description="folder of pictures")
    masks: Path | None = Field(None, description="folder of masks, with the names of the pictures")
    test_images: Path | None = Field(
        None, description="folder of test pictures; none to split some off"
    )
    test_masks: Path | None = Field(None, description="folder of their masks")
    mask_suffix: str = Field(
        "",
        description="what mask names have after the picture's name, such as _mask; detected if no "
        "names are equal",
    )
    object: Integers = Field(
        (), description="labels of the object; by default the only label besides 0"
    )
    ignored: int | None = Field(None, ge=0, le=255, description="label of pixels to leave out")
    threshold: int | None = Field(
        None,
        ge=1,
        le=255,
        description="lowest grey level of an object pixel; by default 128 for soft masks",
    )
    palette: Literal["auto", "numbers"] = Field(
        "auto",
        description="labels of palette masks: numbers uses the palette's, auto decides by colour",
    )
    validation: float = Field(
        0.1, ge=0, le=0.5, description="share of the training pictures kept for validation"
    )
    test: float = Field(
        0.2,
        gt=0,
        le=0.5,
        description="share of the pictures kept for testing without a test folder",
    )
    split_seed: int = Field(0, ge=0, lt=2**31, description="seed of the split into parts")

    @model_validator(mode="after")
    def _one_rule(self) -> FolderOptions:
        if self.object and self.threshold is not None:
            raise ValueError("data.object and data.threshold cannot both define the object")
        return self

    @property
    def mask_keys(self) -> MaskKeys:
        """The keys that say what the labels of the masks mean."""
        return MaskKeys(self.object, self.ignored, self.threshold, self.palette)


class MaskFolders(Dataset):
    """Pairs of a picture and a mask; they are matched by path without the suffix."""

    Config = FolderOptions
    options: FolderOptions

    def load(self, root: Path | None) -> Splits:
        """Find the pairs, compare their sizes and decide the meaning of the masks.

        Raises:
            UsageError: folders are absent, files unreadable, sizes differ, or the meaning of the
                masks cannot be decided. All faulty files are named at once.
        """
        options = self.options
        whole = self._pairs("images", options.images, "masks", options.masks)
        seeds = Seeds(options.split_seed)
        if options.test_images is None:
            train, test = _cut(whole, options.test, seeds.numpy("test"))
        else:
            train = whole
            test = self._pairs("test_images", options.test_images, "test_masks", options.test_masks)
        train, validation = _cut(train, options.validation, seeds.numpy("validation"))
        if not train or not test:
            least = 1 + bool(options.validation) + (options.test_images is None)
            raise UsageError(
                f"{options.images}: expected {least} pairs of picture and mask or more, one for "
                f"each part, got {len(whole)}"
            )
        pairs = [*train, *validation, *test]
        sizes = set(of_each(pairs, common_size))
        shape = (*sizes.pop()[::-1], 3) if len(sizes) == 1 else ()
        meaning = decide(of_each(pairs, _contents), options.mask_keys)
        parts = [[_sample(pair, meaning) for pair in part] for part in (train, validation, test)]
        return Splits(
            parts[0], parts[1] or parts[2], parts[2], DataInfo(("background", "object"), shape)
        )

    def _pairs(self, what: str, images: Path | None, masked: str, masks: Path | None) -> list[Pair]:
        for key, folder in ((what, images), (masked, masks)):
            if folder is None or not folder.is_dir():
                raise UsageError(f"data.{key}: expected a folder, got {folder or 'none'}")
        assert images is not None
        assert masks is not None
        return find_pairs(images, masks, self.options.mask_suffix)


def _contents(pair: Pair) -> MaskContents:
    return contents_of(pair.mask, read_labels(pair.mask))


def _sample(pair: Pair, meaning: Meaning) -> Sample:
    return Sample(pair.name, partial(_read, pair, meaning))


def _read(pair: Pair, meaning: Meaning) -> tuple[np.ndarray, np.ndarray]:
    return read_image(pair.picture), meaning.mask(read_labels(pair.mask))


def _cut(
    pairs: list[Pair], share: float, rng: np.random.Generator
) -> tuple[list[Pair], list[Pair]]:
    """Split off a share, at least one pair if the share is above 0; both keep their order."""
    count = max(round(share * len(pairs)), 1) if share else 0
    taken = set(rng.permutation(len(pairs))[:count].tolist())
    rest = [pair for i, pair in enumerate(pairs) if i not in taken]
    return rest, [pair for i, pair in enumerate(pairs) if i in taken]
