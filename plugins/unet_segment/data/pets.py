"""Oxford-IIIT Pet: photographs of cats and dogs with masks."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from nntasks.config import Options
from nntasks.errors import MissingError, UsageError
from nntasks.interfaces import DataInfo, Dataset, Splits
from nntasks.pictures.files import read_image
from nntasks.pictures.labels import read_labels
from nntasks.plugins.unet_segment.data.pair_checks import common_size, of_each
from nntasks.plugins.unet_segment.data.pairing import Pair
from nntasks.plugins.unet_segment.samples import BACKGROUND, IGNORED, OBJECT, Sample

_PET, _AROUND, _BORDER = 1, 2, 3  # labels of a trimap
_MEANS = {"ignore": IGNORED, "object": OBJECT, "background": BACKGROUND}


class PetsOptions(Options):
    """Options of `data=pets`."""

    border: Literal["ignore", "object", "background"] = Field(
        "ignore", description="meaning of the unlabelled border between pet and background"
    )
    validation: float = Field(
        0.1, ge=0, le=0.5, description="share of the trainval pictures kept for validation"
    )


class Pets(Dataset):
    """Photographs with trimaps, in the layout of torchvision: images/ and annotations/.

    The complete data set, or any part with lists of its files.
    """

    Config = PetsOptions
    folder = "pets"
    source = "O. Parkhi, A. Vedaldi, A. Zisserman, C. V. Jawahar, Cats and dogs, CVPR 2012"
    licence = "CC BY-SA 4.0 (photographs: copyright of their owners)"

    options: PetsOptions

    def load(self, root: Path | None) -> Splits:
        assert root is not None
        trainval, test = (self._part(root, name) for name in ("trainval", "test"))
        every = round(1 / self.options.validation) if self.options.validation else 0
        held_out = trainval[::every] if every else []
        train = [sample for i, sample in enumerate(trainval) if not every or i % every]
        return Splits(train, held_out or test, test, DataInfo(("background", "pet"), ()))

    def _part(self, root: Path, name: str) -> list[Sample]:
        path = root / "annotations" / f"{name}.txt"
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise MissingError(f"cannot read {path}: {error}") from error
        names = [line.split()[0] for line in lines if line.strip() and line[0] != "#"]
        absent = [n for n in names if not (root / "images" / f"{n}.jpg").is_file()]
        if absent or not names:
            raise MissingError(
                f"{path} names {len(names)} pictures, of which {len(absent)} are absent"
                + (f", the first {absent[0]}.jpg" if absent else "")
            )
        trimaps = root / "annotations" / "trimaps"
        pairs = [Pair(n, root / "images" / f"{n}.jpg", trimaps / f"{n}.png") for n in names]
        of_each(pairs, common_size)
        border = self.options.border
        return [Sample(p.name, partial(read_pet, p.picture, p.mask, border)) for p in pairs]


def read_pet(picture: Path, trimap: Path, border: str) -> tuple[np.ndarray, np.ndarray]:
    """Read a photograph (H, W, 3) and its mask (H, W) of 0, 1 and 255.

    Raises:
        UsageError: a file cannot be read, or is not a trimap.
    """
    labels = read_labels(trimap).values
    wrong = np.setdiff1d(labels, (_PET, _AROUND, _BORDER))
    if len(wrong):
        raise UsageError(f"{trimap}: expected labels 1, 2 and 3, got {wrong[0]}")
    table = np.zeros(256, np.uint8)
    table[[_PET, _AROUND, _BORDER]] = OBJECT, BACKGROUND, _MEANS[border]
    return read_image(picture), table[labels]
