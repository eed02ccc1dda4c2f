"""The COCO annotation format: one JSON file for all images of a part.

Boxes are (x, y, width, height) in pixels there, and (x, y, x + width, y + height) here, summed in
float64 without rounding. Category ids may have gaps; label k is the category with the k-th smallest
id. Images are sorted by id, objects keep the file's order: the order in which pycocotools visits
them, on which ties between equal scores depend.

Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014; the format is described at
https://cocodataset.org/#format-data.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo
from nntasks.pictures.files import read_image
from nntasks.plugins.yolo_detect.samples import GroundTruth, Sample

ImageId = int | str


@dataclass(frozen=True)
class CocoPart:
    """What one annotation file holds.

    Attributes:
        path: the annotation file.
        samples: its images, by rising id.
        categories: category names by category id, by rising id.
    """

    path: Path
    samples: tuple[Sample, ...]
    categories: Mapping[int, str]


@dataclass
class _Objects:
    """The objects of one image while the file is read."""

    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    crowd: list[bool] = field(default_factory=list)
    areas: list[float] = field(default_factory=list)

    def truth(self) -> GroundTruth:
        return GroundTruth(
            np.array(self.boxes, dtype=np.float64).reshape(-1, 4),
            np.array(self.labels, dtype=np.int64),
            np.array(self.crowd, dtype=bool),
            np.array(self.areas, dtype=np.float64),
        )


def read_coco(annotations: Path, images: Path) -> CocoPart:
    """Read an annotation file and check all of it.

    Args:
        annotations: the JSON file, with the lists `images`, `annotations` and `categories`.
        images: folder to which the `file_name` of an image is relative. Images are read later.

    Returns:
        One sample per image, also for images without objects. A missing `area` is that of the box,
        a missing `iscrowd` is 0.

    Raises:
        UsageError: in one line, with the file and the id: not JSON (with line and column), a
            missing key, an id that occurs twice, an object of an unknown image or category, a box
            that is not four finite numbers or has a negative side, an image file that is not there.
    """
    return _Reader(annotations, images).read()


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


class _Reader:
    """Reads one file; every complaint begins with its name."""

    def __init__(self, path: Path, images: Path) -> None:
        self.path = path
        self.images = images

    def read(self) -> CocoPart:
        content = self._json()
        categories = self._categories(content)
        labels = {number: label for label, number in enumerate(categories)}
        listed = dict(self._by_id(content, "images", "image", ImageId))
        if not listed:
            raise self._wrong("expected at least one image, got an empty list")
        objects = {name: _Objects() for name in listed}
        for name, row in self._by_id(content, "annotations", "annotation", ImageId):
            self._take(f"annotation {name!r}", row, objects, labels)
        order = sorted(listed, key=lambda name: (isinstance(name, str), name))
        samples = (self._sample(name, listed[name], objects[name]) for name in order)
        return CocoPart(self.path, tuple(samples), categories)

    def _wrong(self, what: str) -> UsageError:
        return UsageError(f"{self.path}: {what}")

    def _json(self) -> dict[str, Any]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8-sig"))
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise self._wrong(f"is not JSON: {error.msg} at {where}") from error
        except UnicodeDecodeError as error:
            raise self._wrong(f"is not JSON: it is no UTF-8 text ({error.reason})") from error
        except (ValueError, RecursionError) as error:  # a number or a nesting beyond measure
            raise self._wrong(f"is not JSON that can be read: {error}") from error
        except OSError as error:
            raise self._wrong(f"cannot be read: {error.strerror}") from error
        keys = ("images", "annotations", "categories")
        if not isinstance(content, dict):
            wanted = ", ".join(keys)
            raise self._wrong(f"expected a mapping with {wanted}, got {type(content).__name__}")
        for key in keys:
            if not isinstance(content.get(key), list):
                raise self._wrong(f"expected a list under the key {key!r}, found none")
        return content

    def _by_id(
        self, content: dict[str, Any], key: str, what: str, kind: Any
    ) -> Iterator[tuple[Any, dict[str, Any]]]:
        seen: set[Any] = set()
        for index, row in enumerate(content[key]):
            if not isinstance(row, dict):
                raise self._wrong(f"{key}[{index}]: expected a mapping, got {row!r:.60}")
            name = self._get(row, "id", kind, f"{key}[{index}]")
            if name in seen:
                raise self._wrong(f"{what} id {name!r} occurs twice")
            seen.add(name)
            yield name, row

    def _get(self, row: dict[str, Any], key: str, kind: Any, where: str) -> Any:
        if key not in row:
            raise self._wrong(f"{where} lacks the key {key!r}")
        value = row[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            wanted = {int: "a whole number", str: "text", list: "a list"}.get(
                kind, "a number or text"
            )
            raise self._wrong(f"{where}: expected {wanted} as {key!r}, got {value!r:.60}")
        return value

    def _categories(self, content: dict[str, Any]) -> dict[int, str]:
        named = {
            number: self._get(row, "name", str, f"category {number}")
            for number, row in self._by_id(content, "categories", "category", int)
        }
        if not named:
            raise self._wrong("expected at least one category, got an empty list")
        return dict(sorted(named.items()))

    def _take(
        self, where: str, row: dict[str, Any], objects: dict[Any, _Objects], labels: dict[int, int]
    ) -> None:
        image = self._get(row, "image_id", ImageId, where)
        category = self._get(row, "category_id", int, where)
        if image not in objects:
            raise self._wrong(f"{where} belongs to image {image!r}, which is not among the images")
        if category not in labels:
            raise self._wrong(f"{where} has category {category}, which is not among the categories")
        x, y, width, height = self._box(where, row)
        area = self._number(f"{where}: 'area'", row.get("area", width * height))
        crowd = row.get("iscrowd", 0)
        if area < 0:
            raise self._wrong(f"{where}: expected an area of 0 or more, got {area:g}")
        if crowd not in (0, 1):
            raise self._wrong(f"{where}: expected 0 or 1 as 'iscrowd', got {crowd!r:.60}")
        into = objects[image]
        into.boxes.append((x, y, x + width, y + height))
        into.labels.append(labels[category])
        into.crowd.append(bool(crowd))
        into.areas.append(area)

    def _box(self, where: str, row: dict[str, Any]) -> tuple[float, ...]:
        values = self._get(row, "bbox", list, where)
        if len(values) != 4:
            raise self._wrong(
                f"{where}: expected 4 numbers (x, y, width, height) as 'bbox', got {len(values)}"
            )
        box = tuple(self._number(f"{where}: 'bbox'", value) for value in values)
        if box[2] < 0 or box[3] < 0:
            raise self._wrong(
                f"{where}: expected a width and height of 0 or more, got {box[2]:g} and {box[3]:g}"
            )
        return box

    def _number(self, where: str, value: Any) -> float:
        try:
            number = math.nan if isinstance(value, (bool, str)) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise self._wrong(f"{where}: expected finite numbers, got {value!r:.60}")
        return number

    def _sample(self, name: ImageId, row: dict[str, Any], objects: _Objects) -> Sample:
        where = f"image {name!r}"
        path = self.images / self._get(row, "file_name", str, where)
        if not path.is_file():
            raise self._wrong(f"{where}: there is no image file {path}")
        size = None
        if "width" in row or "height" in row:
            size = (self._get(row, "width", int, where), self._get(row, "height", int, where))
        return Sample(name, partial(_read_sized, path, size, self.path), objects.truth())


def _read_sized(path: Path, size: tuple[int, int] | None, annotations: Path) -> np.ndarray:
    """Read an image and make sure that it is the one that was annotated."""
    image = read_image(path)
    height, width = image.shape[:2]
    if size is not None and size != (width, height):
        raise UsageError(
            f"image {path} has {width} x {height} pixels, but {annotations} says "
            f"{size[0]} x {size[1]}; bring the image that was annotated (not scaled, not turned)"
        )
    return image
