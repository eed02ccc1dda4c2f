"""The first 128 photographs, by id, of COCO train2017 and of COCO val2017.

The small/medium/large classes are approximate: without a mask, the area is the box's
(`area_source` in the annotation files). Crowd regions are known for 100 of the 128 images each.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from nntasks.config import Options
from nntasks.datasets.faults import Faults
from nntasks.errors import MissingError
from nntasks.interfaces import DataFile, Dataset, Splits
from nntasks.interfaces.yardsticks import Reference
from nntasks.plugins.yolo_detect.data.coco_format import info_of, read_coco
from nntasks.storage.listing import names_in

Part = Literal["train2017", "val2017"]
_IMAGES = 128  # images of each part


class Coco128Config(Options):
    """Options of `data=coco128`."""

    train: Part = Field("train2017", description="part for training")
    validation: Part = Field("val2017", description="part for validation")
    test: Part = Field("val2017", description="part for testing")


class Coco128(Dataset):
    """Photographs with boxes of 80 classes."""

    Config = Coco128Config
    options: Coco128Config
    folder = "coco128"
    files = (
        DataFile(
            "annotations/instances_train2017_128.json",
            452_912,
            "e2694523030926f273fff0f550514e1af872c94c399c2fa5452ecad39f965a2f",
        ),
        DataFile(
            "annotations/instances_val2017_128.json",
            434_927,
            "4c06cebc9540b476f7016545e2b7fb193f07932d7822bc2b523eaa2d572cfa18",
        ),
    )
    source = (
        'Lin et al., "Microsoft COCO: Common Objects in Context", 2014; https://cocodataset.org'
    )
    licence = "annotations CC BY 4.0; images: the Flickr terms, per-image licence ids in the JSON"

    published = (
        Reference(
            "map50", 0.457, "YOLOv5n on all 5,000 photographs of val2017 (Ultralytics, v7.0)"
        ),
    )

    @classmethod
    def published_for(cls, options: Coco128Config) -> Sequence[Reference]:
        """Return values for val2017; weights of others have seen the photographs of train2017."""
        return cls.published if options.test == "val2017" else ()

    def load(self, root: Path | None) -> Splits:
        """Read the annotations and the headers of the images; pixels are read later."""
        assert root is not None  # the store found the folder
        chosen = (self.options.train, self.options.validation, self.options.test)
        faults = Faults()
        parts = {}
        for name in dict.fromkeys(chosen):
            images = root / "images" / name
            found = sum(name.endswith(".jpg") for name in names_in(images))
            if found < _IMAGES:
                raise MissingError(
                    f"expected {_IMAGES} images in {images}, found {found}; "
                    "bring the rest from COCO, https://cocodataset.org"
                )
            annotations = root / "annotations" / f"instances_{name}_128.json"
            parts[name] = read_coco(annotations, images, faults)
        faults.refuse()
        train, validation, test = (parts[name].samples for name in chosen)
        return Splits(train, validation, test, info_of(*parts.values()))
