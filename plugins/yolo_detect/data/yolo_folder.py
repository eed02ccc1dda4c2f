"""Your own images with one YOLO label file each."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from pydantic import Field, model_validator

from nntasks.config import Options
from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Dataset, Splits
from nntasks.pictures.files import read_image
from nntasks.pictures.whole import whole_image_size
from nntasks.plugins.yolo_detect.data.label_files import LabelFiles
from nntasks.plugins.yolo_detect.data.yolo_labels import Labels, in_pixels, read_labels
from nntasks.plugins.yolo_detect.data.yolo_layout import Images, Layout, find_layout
from nntasks.plugins.yolo_detect.samples import GroundTruth, Sample

_LOG = logging.getLogger("nntasks.data")
_CHANGES = {  # counts of `Labels` that are reported
    "repeated": "label lines repeat an earlier one and were dropped",
    "clipped": "boxes reach over the edge of the image by up to 1 % and were clipped",
    "polygons": "polygons were taken as the boxes around them",
    "keypoints": "rows of keypoints were taken as their boxes",
}


_Known = dict[Path, tuple[Labels, GroundTruth | None]]  # the labels and size of an image


class YoloFolderConfig(Options):
    """Options of `data=yolo_folder`."""

    path: Path | None = Field(
        None, description="folder of the data set, or its YAML file; relative to the current folder"
    )

    @model_validator(mode="after")
    def _complete(self) -> YoloFolderConfig:
        if self.path is None:
            raise ValueError("data.path=FOLDER or data.path=FILE.yaml must be given")
        return self


class YoloFolder(Dataset):
    """Splits of samples from images and YOLO labels.

    An absent test part is replaced by the validation images, and vice versa. Without training
    images, weights can only be evaluated.
    """

    Config = YoloFolderConfig
    options: YoloFolderConfig

    def load(self, root: Path | None) -> Splits:
        """Read and check every label file and every image's header; pixels are read later.

        Raises:
            UsageError: all faults in one line: of the layout, of label lines, images that are cut
                off or share a label file; no image of a part has a label file, or nothing can be
                evaluated.
        """
        assert self.options.path is not None  # the configuration was validated
        faults = Faults()
        layout = find_layout(self.options.path, faults)
        parts = {name: _Part(name, images, layout) for name, images in layout.parts.items()}
        _refuse_shared_labels(parts.values(), faults)
        known: _Known = {}
        samples = {name: part.samples(layout, known, faults) for name, part in parts.items()}
        faults.refuse()
        for part in parts.values():
            part.warn()
        test = samples.get("test") or samples.get("validation")
        validation = samples.get("validation") or test
        if test is None:
            raise UsageError(
                f"data.path: {self.options.path} has training images alone; expected also "
                "validation or test images (val, test)"
            )
        classes = layout.classes or _numbered_classes(samples.values(), layout.root)
        return Splits(samples.get("train", ()), validation, test, DataInfo(classes))


class _Part:
    """The images of one part and their labels during reading."""

    def __init__(self, name: str, images: Images, layout: Layout) -> None:
        self.name = name
        self.images = images
        self.root = layout.root
        self.files = LabelFiles(images, layout.root)
        self.labels: list[Labels] = []

    def samples(self, layout: Layout, known: _Known, faults: Faults) -> list[Sample]:
        """Read all labels and sizes that are not `known` from another part; faults are added."""
        if self.images.files and not any(self.files.found):
            faults.add(
                f"none of the {len(self.files.found)} {self.name} images has a label file; "
                f"expected for instance {self.files.expected[0]} for {self.images.files[0]}"
            )
        self._read(layout, known, faults)
        samples = []
        names = _names_of(self.images, self.root)
        for image, name in zip(self.images.files, names, strict=True):
            labels, truth = known[image]
            self.labels.append(labels)
            if truth is not None:
                samples.append(Sample(name, partial(read_image, image), truth))
        return samples

    def _read(self, layout: Layout, known: _Known, faults: Faults) -> None:
        pairs = zip(self.images.files, self.files.found, strict=True)
        new = {image: path for image, path in pairs if image not in known}
        labels = read_labels(list(new.values()), layout.lines, faults)
        sizes = [_size(image, faults) for image in new]
        truths = in_pixels(labels, [size or (0, 0) for size in sizes])
        for image, own, size, truth in zip(new, labels, sizes, truths, strict=True):
            known[image] = own, truth if size else None

    def warn(self) -> None:
        """Warn about what was skipped, dropped or changed."""
        orphans = self.files.orphans
        self._warn("label files lack an image and are ignored", len(orphans), orphans)
        for attribute, what in _CHANGES.items():
            counts = [getattr(labels, attribute) for labels in self.labels]
            where = [path for path, count in zip(self.files.found, counts, strict=True) if count]
            self._warn(what, sum(counts), where)

    def _warn(self, what: str, count: int, where: Sequence[str | None]) -> None:
        if count:
            _LOG.warning("%s: %d %s, for instance %s", self.name, count, what, where[0])


def _size(image: Path, faults: Faults) -> tuple[int, int] | None:
    """Return the size of an image in pixels; None and a fault if it cannot be read."""
    try:
        return whole_image_size(image)
    except UsageError as error:
        faults.add(str(error))
        return None


def _refuse_shared_labels(parts: Iterable[_Part], faults: Faults) -> None:
    """Refuse images that differ only in their suffix, and so share a label file."""
    owners: dict[str, Path] = {}
    for part in parts:
        for path, image in zip(part.files.found, part.images.files, strict=True):
            if path and owners.setdefault(path, image) != image:
                faults.add(
                    f"{path}: images {owners[path]} and {image} share it; rename one of them"
                )


def _names_of(images: Images, root: Path) -> list[str]:
    """Name images by their path below the part's one folder, else below the root."""
    base = os.path.join(images.folders[0] if len(images.folders) == 1 else root, "")
    return [str(file).removeprefix(base).replace(os.sep, "/") for file in images.files]


def _numbered_classes(parts: Iterable[Sequence[Sample]], root: Path) -> tuple[str, ...]:
    labels = [sample.truth.labels for part in parts for sample in part]
    highest = max((int(each.max()) for each in labels if len(each)), default=0)
    _LOG.warning("%s: no data.yaml or classes.txt names the classes; numbers serve as names", root)
    return tuple(str(number) for number in range(highest + 1))
