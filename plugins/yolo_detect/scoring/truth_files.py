"""Read a truth: COCO JSON, YOLO labels, VOC XML or CSV, recognised by content."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.pictures.files import SUFFIXES, image_size
from nntasks.plugins.yolo_detect.data.box_csv import CsvBox, read_boxes
from nntasks.plugins.yolo_detect.data.coco_format import coco_content
from nntasks.plugins.yolo_detect.data.coco_rows import CocoRows
from nntasks.plugins.yolo_detect.data.json_files import read_json
from nntasks.plugins.yolo_detect.data.unique_names import unique_names
from nntasks.plugins.yolo_detect.data.voc_xml import read_voc
from nntasks.plugins.yolo_detect.data.yolo_labels import in_pixels, read_labels
from nntasks.plugins.yolo_detect.data.yolo_lines import LineFormat
from nntasks.plugins.yolo_detect.scoring.columns import TrueImage, TrueObject, Truth, sized
from nntasks.plugins.yolo_detect.scoring.recognition import Kind, files_of, recognise
from nntasks.plugins.yolo_detect.scoring.yolo_names import class_names

_NO_SIZE = (0, 0)


def read_truth(path: Path, images: Path | None, names: Path | None, faults: Faults) -> Truth:
    """Read a truth.

    Args:
        path: a file or a folder.
        images: the folder of the pictures, which YOLO labels need for their sizes.
        names: a file with the names of YOLO's classes, one a line, or a data set's YAML.
        faults: takes the faults of all rows.

    Raises:
        UsageError: the format is not known, or the file as a whole cannot be read.
    """
    kind = recognise(path)
    if kind is Kind.COCO:
        return coco_truth(path, read_json(path), faults)
    if kind is Kind.VOC:
        return _voc(path, faults)
    if kind is Kind.CSV:
        return _csv(path, faults)
    if kind is Kind.YOLO:
        return _yolo(path, images, names, faults)
    raise UsageError(
        f"{path}: expected a truth, got results of a detector; give them as found={path}"
    )


def coco_truth(path: Path, content: Any, faults: Faults) -> Truth:
    """Return the truth of COCO instances; an object whose id is 0 is marked."""
    content = coco_content(path, content)
    rows = CocoRows(path, faults)
    categories = rows.categories(content["categories"])
    listed = rows.images(content["images"], None)
    objects = rows.objects(content["annotations"], listed, categories)
    annotations = content["annotations"]
    zero = [False] * len(objects.image)
    if len(zero) == len(annotations):
        zero = [row.get("id") == 0 for row in annotations]
    columns = (objects.image, objects.label, objects.boxes, objects.area, objects.crowd)
    rows_of = zip(*(column.tolist() for column in columns), zero, strict=True)
    names = unique_names(path, list(categories.values()), list(categories))
    return Truth(
        [TrueImage(image.name, str(image.path), image.size) for image in listed],
        dict(zip(categories, names, strict=True)),
        [
            TrueObject(image, label, box, area, crowd, without_id=lost)
            for image, label, box, area, crowd, lost in rows_of
        ],
        str(path),
    )


def _voc(path: Path, faults: Faults) -> Truth:
    read = [(file, read_voc(file, faults)) for file in files_of(path, Kind.VOC)]
    names = sorted({one.name for _, image in read if image for one in image.objects})
    images: list[TrueImage] = []
    objects: list[TrueObject] = []
    for file, image in read:
        if image is None:
            continue
        for one in image.objects:
            x1, y1, x2, y2 = one.box
            area = (x2 - x1) * (y2 - y1)
            label = names.index(one.name)
            objects.append(
                TrueObject(len(images), label, sized(*one.box), area, difficult=one.difficult)
            )
        images.append(TrueImage(file.stem, image.file, image.size))
    return Truth(images, dict(enumerate(names)), objects, str(path))


def _csv(path: Path, faults: Faults) -> Truth:
    rows = list(read_boxes(path, faults, scored=False))
    places: dict[str, int] = {}
    images: list[TrueImage] = []
    for row in rows:
        if row.image not in places:
            places[row.image] = len(images)
            images.append(TrueImage(row.image, row.image, row.size))
    classes = _csv_classes(rows)
    labels = {name: label for label, name in enumerate(classes.values())}
    objects = [
        TrueObject(
            places[row.image], labels[row.name], sized(*row.box), row.area, row.crowd, row.difficult
        )
        for row in rows
        if row.name is not None
    ]
    return Truth(images, classes, objects, str(path))


def _csv_classes(rows: Sequence[CsvBox]) -> dict[int, str]:
    """Classes by name, or by number if all are numbers."""
    found = {row.name for row in rows if row.name is not None}
    if all(name.isdigit() for name in found):
        return {int(name): name for name in sorted(found, key=int)}
    return dict(enumerate(sorted(found)))


def _yolo(path: Path, images: Path | None, names: Path | None, faults: Faults) -> Truth:
    classes = class_names(path, names, faults)
    form = LineFormat(None if classes is None else len(classes), classes or ())
    pictures = pictures_of(path, images)
    found = {file.stem: file for file in files_of(path, Kind.YOLO)}
    lost = sorted(set(found) - set(pictures))
    if lost:
        raise UsageError(
            f"{path}: expected a picture for each label file, found none for {len(lost)}, the "
            f"first {found[lost[0]].name}; give their folder as images=FOLDER"
        )
    sizes = {stem: size_of(picture, faults) for stem, picture in pictures.items()}
    labels = read_labels([found.get(stem) for stem in pictures], form, faults)
    listed = [TrueImage(stem, pictures[stem].name, size) for stem, size in sizes.items()]
    objects = [
        TrueObject(place, label, box, box[2] * box[3])
        for place, truth in enumerate(in_pixels(labels, list(sizes.values())))
        for label, box in zip(
            truth.labels.tolist(), (sized(*box) for box in truth.boxes.tolist()), strict=True
        )
    ]
    if classes is None:
        highest = max((one.label for one in objects), default=0)
        classes = tuple(str(number) for number in range(highest + 1))
    return Truth(listed, dict(enumerate(classes)), objects, str(path))


def pictures_of(labels: Path, images: Path | None) -> dict[str, Path]:
    """Return pictures by stem: in `images`, or where a YOLO data set has them."""
    folder = images or _beside(labels)
    if folder is None:
        raise UsageError(
            f"{labels}: YOLO labels are shares of the picture, whose size is not known; give the "
            "folder of the pictures as images=FOLDER"
        )
    from nntasks.storage.listing import files_below

    return {file.stem: file for file in files_below(folder, SUFFIXES)}


def _beside(labels: Path) -> Path | None:
    """Return images/PART for labels/PART, or the label folder itself if it holds pictures."""
    parts = list(labels.absolute().parts)
    for index in range(len(parts) - 1, -1, -1):
        if parts[index].lower() == "labels":
            folder = Path(*parts[:index], "images", *parts[index + 1 :])
            if folder.is_dir():
                return folder
    from nntasks.storage.listing import files_below

    return labels if files_below(labels, SUFFIXES) else None


def size_of(picture: Path, faults: Faults) -> tuple[int, int]:
    """Return (width, height) of a picture; (0, 0) and a fault if it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return image_size(picture)
    except UsageError as error:
        faults.add(str(error))
        return _NO_SIZE
