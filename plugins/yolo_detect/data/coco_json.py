"""Your own images with COCO annotation files, one for each part."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from nntasks.config import Options
from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.interfaces import Dataset, Splits
from nntasks.plugins.yolo_detect.data.coco_format import CocoPart, info_of, read_coco


class CocoJsonConfig(Options):
    """Options of `data=coco_json`; paths are relative to the current folder."""

    annotations: Path | None = Field(
        None, description="COCO JSON file for training; none to evaluate weights only"
    )
    images: Path | None = Field(
        None, description="folder of the images; none for the folder of the annotation file"
    )
    validation_annotations: Path | None = Field(
        None, description="COCO JSON file for validation; none for that of the test"
    )
    validation_images: Path | None = Field(
        None, description="folder of the validation images; none for data.images"
    )
    test_annotations: Path | None = Field(None, description="COCO JSON file for testing; required")
    test_images: Path | None = Field(
        None, description="folder of the test images; none for data.images"
    )

    @model_validator(mode="after")
    def _complete(self) -> CocoJsonConfig:
        if self.test_annotations is None:
            raise ValueError("data.test_annotations=FILE is required: the images to evaluate on")
        if self.validation_images and not self.validation_annotations:
            raise ValueError("data.validation_images needs data.validation_annotations=FILE")
        return self


class CocoJson(Dataset):
    """Splits of samples from COCO JSON files; the same file is read once."""

    Config = CocoJsonConfig
    options: CocoJsonConfig

    def load(self, root: Path | None) -> Splits:
        """Read and check all annotation files and the headers of all images; pixels are read later.

        Raises:
            UsageError: see `coco_format.read_coco`; the faults of all files in one line.
        """
        given = self.options
        assert given.test_annotations is not None  # the configuration was validated
        wanted = {"test_": (given.test_annotations, given.test_images)}
        if given.validation_annotations:
            wanted["validation_"] = (given.validation_annotations, given.validation_images)
        if given.annotations:
            wanted[""] = (given.annotations, given.images)
        faults = Faults()
        read: dict[tuple[Path, Path], CocoPart] = {}
        parts: dict[str, CocoPart] = {}
        for prefix, (file, images) in wanted.items():
            place = self._place(prefix, file, images)
            if place not in read:
                read[place] = read_coco(*place, faults)
            parts[prefix] = read[place]
        faults.refuse()
        return Splits(
            train=parts[""].samples if "" in parts else (),
            validation=parts.get("validation_", parts["test_"]).samples,
            test=parts["test_"].samples,
            info=info_of(*reversed(parts.values())),
        )

    def _place(self, prefix: str, annotations: Path, images: Path | None) -> tuple[Path, Path]:
        folder = images or self.options.images or annotations.parent
        if not annotations.is_file():
            raise UsageError(f"data.{prefix}annotations: there is no file {annotations}")
        if not folder.is_dir():
            key = f"data.{prefix}images" if images else "data.images"
            raise UsageError(f"{key}: there is no folder {folder}")
        return annotations, folder
