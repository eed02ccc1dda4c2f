"""The COCO annotation format: one JSON file for all images of a part.

Boxes are (x, y, width, height) in pixels there, and (x, y, x + width, y + height) here, summed in
float64 without rounding. Category ids may have gaps; label k is the category with the k-th smallest
id. Images are sorted by id, objects keep the file's order: the order in which pycocotools visits
them, on which ties between equal scores depend.

Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014; the format is described at
https://cocodataset.org/#format-data.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo
from nntasks.pictures.files import read_image
from nntasks.plugins.yolo_detect.data.coco_columns import CocoObjects
from nntasks.plugins.yolo_detect.data.coco_rows import CocoImage, CocoRows
from nntasks.plugins.yolo_detect.data.json_files import read_json
from nntasks.plugins.yolo_detect.data.unique_names import unique_names
from nntasks.plugins.yolo_detect.samples import GroundTruth, Sample

_LOG = logging.getLogger("nntasks.data")
_KEYS = ("images", "annotations", "categories")
_OUTSIDE = 0.01  # a box may exceed the image by this share of the side without a warning


@dataclass(frozen=True)
class CocoPart:
    """The content of one annotation file.

    Attributes:
        path: the annotation file.
        samples: its images, by ascending id.
        categories: category names by category id, by ascending id; names are unique.
    """

    path: Path
    samples: tuple[Sample, ...]
    categories: Mapping[int, str]


def read_coco(annotations: Path, images: Path, faults: Faults) -> CocoPart:
    """Read and check an annotation file, and the header of every image.

    Args:
        annotations: the JSON file, with the lists `images`, `annotations` and `categories`.
        images: folder to which the `file_name` of an image is relative. Pixels are read later.
        faults: takes all faults of the rows, each with the file and the id: a missing key, an id
            that occurs twice, an object of an unknown image or category, a box that is not four
            finite numbers or has a negative side, an image file that is not there, is cut off or
            has other sides than stated.

    Returns:
        One sample per image, also for images without objects; what can be read of a file with
        faults. An `area` that is missing or null is that of the box, a missing `iscrowd` is 0.

    Raises:
        UsageError: in one line, with the file: not JSON (with line and column), or without the
            three lists.
    """
    content = coco_content(annotations, read_json(annotations))
    rows = CocoRows(annotations, faults)
    categories = rows.categories(content["categories"])
    listed = rows.images(content["images"], images)
    objects = rows.objects(content["annotations"], listed, categories)
    _warn_of_shared_files(annotations, listed)
    _warn_of_boxes_outside(annotations, listed, objects)
    numbers = list(categories)
    names = unique_names(annotations, list(categories.values()), numbers)
    truths = _truths(len(listed), objects)
    samples = [
        Sample(image.name, partial(read_image, image.path), truth)
        for image, truth in zip(listed, truths, strict=True)
    ]
    samples.sort(key=lambda sample: (isinstance(sample.image_id, str), sample.image_id))
    return CocoPart(annotations, tuple(samples), dict(zip(numbers, names, strict=True)))


def info_of(*parts: CocoPart) -> DataInfo:
    """Return the classes that all parts share, with their category ids in `details`.

    Raises:
        UsageError: two parts have different categories.
    """
    first, *others = parts
    for other in others:
        if other.categories != first.categories:
            ids = set(first.categories.items()) ^ set(other.categories.items())
            raise UsageError(
                f"{other.path} has other categories than {first.path}: they differ in "
                + ", ".join(f"{name!r} (id {number})" for number, name in sorted(ids)[:3])
            )
    ids_in_order = list(first.categories)
    return DataInfo(tuple(first.categories.values()), details={"category_ids": ids_in_order})


def coco_content(path: Path, content: Any) -> dict[str, list[Any]]:
    """Return the content of an annotation file if it has the three lists.

    Raises:
        UsageError: it has not; names the file and what is missing.
    """
    if not isinstance(content, dict):
        results = isinstance(content, list) and content and isinstance(content[0], dict)
        hint = "; it looks like a file of results" if results and "score" in content[0] else ""
        raise UsageError(
            f"{path}: expected a mapping with {', '.join(_KEYS)}, "
            f"got {type(content).__name__}{hint}"
        )
    for key in _KEYS:
        if not isinstance(content.get(key), list):
            raise UsageError(f"{path}: expected a list under the key {key!r}, found none")
    for key, what in (("images", "image"), ("categories", "category")):
        if not content[key]:
            raise UsageError(f"{path}: expected at least one {what}, got an empty list")
    return content


def _truths(images: int, objects: CocoObjects) -> list[GroundTruth]:
    """Return the objects of each image, in the order of the file."""
    order = np.argsort(objects.image, kind="stable")
    boxes = objects.boxes[order]
    boxes[:, 2:] += boxes[:, :2]
    labels, crowd, areas = objects.label[order], objects.crowd[order], objects.area[order]
    bounds = np.searchsorted(objects.image[order], np.arange(images + 1)).tolist()
    return [
        GroundTruth(boxes[a:b], labels[a:b], crowd[a:b], areas[a:b]) for a, b in pairwise(bounds)
    ]


def _warn_of_shared_files(path: Path, images: Sequence[CocoImage]) -> None:
    owners: dict[Path, Any] = {}
    shared = [image for image in images if owners.setdefault(image.path, image.name) != image.name]
    if shared:
        _LOG.warning(
            "%s: %d images name a file that another names, too, for instance images %r and %r %s; "
            "each counts by itself, as in pycocotools",
            path,
            len(shared),
            owners[shared[0].path],
            shared[0].name,
            shared[0].path,
        )


def _warn_of_boxes_outside(path: Path, images: Sequence[CocoImage], objects: CocoObjects) -> None:
    if not len(objects.image):
        return
    sides = np.array([image.size for image in images], dtype=np.float64)
    owner, boxes = objects.image, objects.boxes
    over = np.maximum(-boxes[:, :2], boxes[:, :2] + boxes[:, 2:] - sides[owner]) / sides[owner]
    outside = np.flatnonzero(over.max(axis=1) > _OUTSIDE)
    if len(outside):
        name = images[owner[outside[0]]].name
        _LOG.warning(
            "%s: %d boxes reach over the edge of their image by more than 1 %%, for instance in "
            "image %r; they count as they are, as in pycocotools",
            path,
            len(outside),
            name,
        )
