"""Read detections: COCO results, YOLO text with confidences, VOC XML or CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.box_csv import read_boxes
from nntasks.plugins.yolo_detect.data.coco_results import read_results
from nntasks.plugins.yolo_detect.data.json_files import read_json
from nntasks.plugins.yolo_detect.data.scored_labels import read_scored
from nntasks.plugins.yolo_detect.data.voc_xml import read_voc
from nntasks.plugins.yolo_detect.data.yolo_lines import LineFormat
from nntasks.plugins.yolo_detect.scoring.columns import FoundBox, Truth, sized
from nntasks.plugins.yolo_detect.scoring.recognition import Kind, files_of, recognise
from nntasks.plugins.yolo_detect.scoring.truth_files import pictures_of, size_of
from nntasks.plugins.yolo_detect.scoring.yolo_names import class_names


def read_found(
    path: Path, truth: Truth, images: Path | None, names: Path | None, faults: Faults
) -> list[FoundBox]:
    """Read the detections of one program.

    Images are matched with those of the truth by id, file name or stem, classes by number or name.

    Args:
        path: a file or a folder.
        truth: whose images and classes they are.
        images: the folder of the pictures, for YOLO text where the truth states no sizes.
        names: the names of YOLO's classes; without them the k-th number is the k-th class.
        faults: takes the faults of all rows.
    """
    kind = recognise(path)
    if kind is Kind.RESULTS:
        return coco_results(path, read_json(path), truth, faults)
    if kind is Kind.VOC:
        return list(_voc(path, truth, faults))
    if kind is Kind.CSV:
        return list(_csv(path, truth, faults))
    if kind is Kind.YOLO:
        return list(_yolo(path, truth, (images, names), faults))
    raise UsageError(
        f"{path}: expected detections with scores, got annotations; give them as truth={path}"
    )


def coco_results(path: Path, rows: Any, truth: Truth, faults: Faults) -> list[FoundBox]:
    """Return the detections of COCO results."""
    if not isinstance(rows, list):
        raise UsageError(f"{path}: expected a list of results, got {type(rows).__name__}")
    return [FoundBox(*row) for row in read_results(path, rows, truth.place, truth.label, faults)]


def _voc(path: Path, truth: Truth, faults: Faults) -> Iterator[FoundBox]:
    for file in files_of(path, Kind.VOC):
        image = read_voc(file, faults)
        if image is None:
            continue
        place = truth.place(file.stem)
        place = truth.place(image.file) if place is None else place
        if place is None:
            faults.add(f"{file}: image {image.file!r:.60} is not in the truth")
            continue
        for number, one in enumerate(image.objects, start=1):
            label = truth.label(one.name)
            if label is None:
                faults.add(f"{file}: object {number}: class {one.name!r:.60} is not in the truth")
            elif one.score is None:
                faults.add(f"{file}: object {number}: expected a number under 'score', found none")
            else:
                yield FoundBox(place, label, one.score, sized(*one.box))


def _csv(path: Path, truth: Truth, faults: Faults) -> Iterator[FoundBox]:
    for row in read_boxes(path, faults, scored=True):
        place = truth.place_of_text(row.image)
        label = truth.label(row.name)
        if place is None:
            faults.add(f"{path}: row {row.row}: image {row.image!r:.60} is not in the truth")
        elif label is None:
            faults.add(f"{path}: row {row.row}: class {row.name!r:.60} is not in the truth")
        else:
            yield FoundBox(place, label, row.score, sized(*row.box))


def _yolo(
    path: Path, truth: Truth, where: tuple[Path | None, Path | None], faults: Faults
) -> Iterator[FoundBox]:
    images, named = where
    names = class_names(path, named, faults)
    labels = _labels(path, names, truth)
    form = LineFormat(len(labels), names or tuple(truth.classes.values()))
    pictures: dict[str, Path] | None = None
    for file in files_of(path, Kind.YOLO):
        place = truth.place(file.stem)
        if place is None:
            faults.add(f"{file}: image {file.stem!r} is not in the truth")
            continue
        size = truth.images[place].size
        if 0 in size:
            pictures = pictures_of(path, images) if pictures is None else pictures
            size = size_of(pictures[file.stem], faults) if file.stem in pictures else (0, 0)
        if 0 in size:
            faults.add(f"{file}: the size of its picture is not known; give images=FOLDER")
            continue
        width, height = size
        for label, score, (x, y, w, h) in read_scored(file, form, faults):
            corners = ((x - w / 2) * width, (y - h / 2) * height)
            far = ((x + w / 2) * width, (y + h / 2) * height)
            yield FoundBox(place, labels[label], score, sized(*corners, *far))


def _labels(path: Path, names: tuple[str, ...] | None, truth: Truth) -> list[int]:
    """Return the truth's label of each class number of YOLO text."""
    if names is None:
        return list(range(len(truth.classes)))
    found = [truth.label(name) for name in names]
    lost = [name for name, label in zip(names, found, strict=True) if label is None]
    if lost and len(names) == len(truth.classes):  # other words for the same classes
        return list(range(len(truth.classes)))
    if lost:
        raise UsageError(
            f"{path}: class {lost[0]!r} is not in the truth, which has {truth.known_classes()}; "
            "name its classes with names=FILE"
        )
    return [label for label in found if label is not None]
