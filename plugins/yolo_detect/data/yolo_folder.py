"""Your own images with one YOLO label file each."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from pydantic import Field, model_validator

from nntasks.config import Options
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Dataset, Splits
from nntasks.pictures.files import image_size, read_image
from nntasks.plugins.yolo_detect.data.yolo_labels import Labels, read_labels
from nntasks.plugins.yolo_detect.data.yolo_layout import Images, Layout, find_layout, label_file
from nntasks.plugins.yolo_detect.samples import GroundTruth, Sample

_LOG = logging.getLogger("nntasks.data")


class YoloFolderConfig(Options):
    """Where the data set is."""

    path: Path | None = Field(
        None, description="folder of the data set, or its YAML file; relative to the current folder"
    )

    @model_validator(mode="after")
    def _complete(self) -> YoloFolderConfig:
        if self.path is None:
            raise ValueError("data.path=FOLDER or data.path=FILE.yaml must be given")
        return self


class YoloSamples(Sequence[Sample]):
    """The samples of one part; an image's size is read, from its header, when first asked for."""

    def __init__(
        self, images: Sequence[Path], names: Sequence[str], labels: Sequence[Labels]
    ) -> None:
        self._images = images
        self._names = names
        self._labels = labels
        self._samples: dict[int, Sample] = {}

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> Sample:  # type: ignore[override]  # no slices
        index = range(len(self))[index]
        if index not in self._samples:
            self._samples[index] = self._make(index)
        return self._samples[index]

    def _make(self, index: int) -> Sample:
        path, labels = self._images[index], self._labels[index]
        boxes = labels.in_pixels(*image_size(path))
        truth = GroundTruth.from_boxes(boxes, labels.classes)
        return Sample(self._names[index], partial(read_image, path), truth)


class YoloFolder(Dataset):
    """Splits of samples from images and YOLO labels.

    A part that is absent is served by another: the test by the validation images, and these by
    those of the test. Without training images only weights can be evaluated.
    """

    Config = YoloFolderConfig
    options: YoloFolderConfig

    def load(self, root: Path | None) -> Splits:
        """Read and check every label file; images come later.

        Raises:
            UsageError: see `yolo_layout.find_layout` and `yolo_labels.read_labels`; also when not
                a single image of a part has a label file, or nothing can be evaluated.
        """
        assert self.options.path is not None  # the configuration was validated
        layout = find_layout(self.options.path)
        labels = {part: _labels_of(part, images, layout) for part, images in layout.parts.items()}
        samples = {
            part: YoloSamples(images.files, _names_of(images, layout.root), labels[part])
            for part, images in layout.parts.items()
        }
        test = samples.get("test") or samples.get("validation")
        validation = samples.get("validation") or test
        if test is None:
            raise UsageError(
                f"data.path: {self.options.path} has training images alone; expected also "
                "validation or test images (val, test)"
            )
        classes = layout.classes or _numbered_classes(labels, layout.root)
        return Splits(samples.get("train", ()), validation, test, DataInfo(classes))


def _labels_of(part: str, images: Images, layout: Layout) -> list[Labels]:
    paths = [label_file(image, layout.root) for image in images.files]
    with_labels = sum(path.is_file() for path in paths)
    if not with_labels:
        raise UsageError(
            f"none of the {len(paths)} {part} images has a label file; "
            f"expected for instance {paths[0]} for {images.files[0]}"
        )
    count = None if layout.classes is None else len(layout.classes)
    labels = [read_labels(path, count) for path in paths]
    _warn(part, "label files lack an image and are ignored", _orphans(images, layout.root, paths))
    repeated = [path for path, each in zip(paths, labels, strict=True) if each.repeated]
    _warn(part, "label files hold the same line twice", repeated)
    return labels


def _orphans(images: Images, root: Path, paths: Sequence[Path]) -> Iterator[Path]:
    known = set(paths)
    for folder in images.folders:
        place = label_file(folder / "any", root).parent
        for path in sorted(place.rglob("*.txt")):
            if path not in known and path.name != "classes.txt":
                yield path


def _warn(part: str, what: str, paths: Iterator[Path] | Sequence[Path]) -> None:
    found = list(paths)
    if found:
        _LOG.warning("%s: %d %s, for instance %s", part, len(found), what, found[0])


def _names_of(images: Images, root: Path) -> list[str]:
    """Name images by their path below the part's one folder, else below the root."""
    base = images.folders[0] if len(images.folders) == 1 else root
    listed = [
        file.relative_to(base) if file.is_relative_to(base) else file for file in images.files
    ]
    return [path.as_posix() for path in listed]


def _numbered_classes(labels: dict[str, list[Labels]], root: Path) -> tuple[str, ...]:
    highest = max(
        (int(each.classes.max()) for part in labels.values() for each in part if len(each.classes)),
        default=0,
    )
    _LOG.warning("%s: no data.yaml or classes.txt names the classes; numbers serve as names", root)
    return tuple(str(number) for number in range(highest + 1))
