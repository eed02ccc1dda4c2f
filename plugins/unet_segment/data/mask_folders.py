"""Your own pictures and masks: two folders with files of the same names."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from pydantic import Field

from nntasks.config import Integers, Options
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Dataset, Splits
from nntasks.pictures.files import SUFFIXES, image_size, read_image
from nntasks.plugins.unet_segment.data.masks import object_mask, read_labels
from nntasks.plugins.unet_segment.samples import Sample
from nntasks.seeding import Seeds

_NAMED = 3


class FolderOptions(Options):
    """Where pictures and masks are, and what the labels mean."""

    images: Path | None = Field(None, description="folder of pictures")
    masks: Path | None = Field(None, description="folder of masks, named as the pictures are")
    test_images: Path | None = Field(None, description="folder of test pictures; none to cut some")
    test_masks: Path | None = Field(None, description="folder of their masks")
    object: Integers = Field(
        (), description="labels of the object; by default all but 0, of masks with one other label"
    )
    ignored: int | None = Field(
        None, ge=0, le=255, description="label of pixels that are not counted"
    )
    validation: float = Field(0.1, ge=0, le=0.5, description="share of the training pictures kept")
    test: float = Field(0.2, gt=0, le=0.5, description="share kept where there is no test folder")
    split_seed: int = Field(0, ge=0, lt=2**31, description="seed of who goes into which part")


class MaskFolders(Dataset):
    """Pairs of a picture and a mask; a pair is matched by its path without the ending."""

    Config = FolderOptions
    options: FolderOptions

    def load(self, root: Path | None) -> Splits:
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
            raise UsageError(f"{options.images}: expected 2 pairs or more, got {len(whole)}")
        sizes = {image_size(path)[::-1] for path, _ in [*train, *validation, *test]}
        shape = (*sizes.pop(), 3) if len(sizes) == 1 else ()
        parts = [[self._sample(*pair) for pair in part] for part in (train, validation, test)]
        return Splits(
            parts[0], parts[1] or parts[2], parts[2], DataInfo(("background", "object"), shape)
        )

    def _pairs(
        self, what: str, images: Path | None, masked: str, masks: Path | None
    ) -> list[tuple[Path, Path]]:
        for key, folder in ((what, images), (masked, masks)):
            if folder is None or not folder.is_dir():
                raise UsageError(f"data.{key}: expected a folder, got {folder or 'none'}")
        assert images is not None
        assert masks is not None
        left, right = _by_stem(images), _by_stem(masks)
        for one, other, where in ((left, right, masks), (right, left, images)):
            alone = sorted(set(one) - set(other))
            if alone:
                more = f" and {len(alone) - _NAMED} more" if len(alone) > _NAMED else ""
                raise UsageError(
                    f"{where}: nothing is named as {', '.join(alone[:_NAMED])}{more}; every "
                    "picture needs a mask of its name"
                )
        pairs = [(left[stem], right[stem]) for stem in sorted(left)]
        for picture, mask in pairs:
            if image_size(picture) != image_size(mask):
                wide, high = image_size(picture)
                raise UsageError(
                    f"{mask} has {image_size(mask)[0]} x {image_size(mask)[1]} pixels, but "
                    f"{picture} has {wide} x {high}"
                )
        return pairs

    def _sample(self, picture: Path, mask: Path) -> Sample:
        objects, ignored = self.options.object, self.options.ignored
        return Sample(picture.stem, partial(_read, picture, mask, objects, ignored))


def _read(
    picture: Path, mask: Path, objects: tuple[int, ...], ignored: int | None
) -> tuple[np.ndarray, np.ndarray]:
    return read_image(picture), object_mask(read_labels(mask), mask, objects, ignored)


def _by_stem(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() in SUFFIXES:
            stem = file.relative_to(folder).with_suffix("").as_posix()
            if stem in found:
                raise UsageError(f"{file} and {found[stem]} have the same name; keep one")
            found[stem] = file
    if not found:
        raise UsageError(f"{folder}: expected pictures ({', '.join(SUFFIXES[:4])}, ...), got none")
    return found


def _cut(
    pairs: list[tuple[Path, Path]], share: float, rng: np.random.Generator
) -> tuple[list[tuple[Path, Path]], list[tuple[Path, Path]]]:
    """Cut a share off, at least one if the share is above 0; each part in its order."""
    count = max(round(share * len(pairs)), 1) if share else 0
    taken = set(rng.permutation(len(pairs))[:count].tolist())
    rest = [pair for i, pair in enumerate(pairs) if i not in taken]
    return rest, [pair for i, pair in enumerate(pairs) if i in taken]
