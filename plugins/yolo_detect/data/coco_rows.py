"""The rows of a COCO file, read tolerantly where unambiguous; every fault is named."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.pictures.whole import whole_image_size
from nntasks.plugins.yolo_detect.data.coco_columns import CocoObjects, plain_objects
from nntasks.plugins.yolo_detect.data.loose_numbers import finite_number, whole_number
from nntasks.plugins.yolo_detect.data.written_paths import find_written, path_hint
from nntasks.storage.listing import names_in

Box = tuple[float, float, float, float]
_Object = tuple[int, Box, int, bool, float]  # place of its image, box, label, crowd, area


class CocoImage(NamedTuple):
    """An image: its id, its file, and width and height in pixels."""

    name: int | str
    path: Path
    size: tuple[int, int]


_NUMBERS = frozenset((int, float))
_LARGE = 1e9  # pixels; larger ones are checked more closely


class WrongRow(Exception):
    """A row that cannot be read."""


class CocoRows:
    """Reads the three lists of one file; every fault begins with the file and the row."""

    def __init__(self, path: Path, faults: Faults) -> None:
        self._path = path
        self._faults = faults
        self._unreadable: set[str] = set()  # ids of images with faults
        self._all_categories = True

    def categories(self, rows: Sequence[Any]) -> dict[int, str]:
        """Return the names of the categories by ascending id."""
        before = self._faults.count
        named: dict[int, str] = {}
        for where, row in self._rows(rows, "categories", "category"):
            try:
                number = _whole(row, "id")
                if number in named:
                    raise WrongRow(f"category id {number} occurs twice")
                named[number] = _text(row, "name")
            except WrongRow as wrong:
                self._add(where, wrong)
        self._all_categories = self._faults.count == before
        return dict(sorted(named.items()))

    def images(self, rows: Sequence[Any], folder: Path | None) -> list[CocoImage]:
        """Return the images whose files exist, are complete and have the stated size.

        Without a folder nothing is opened: the size is the stated one, (0, 0) if there is none.
        """
        listed: list[CocoImage] = []
        seen: set[str] = set()
        names = names_in(folder) if folder else frozenset()
        for where, row in self._rows(rows, "images", "image"):
            try:
                name = _id(row, "id")
                if str(name) in seen:
                    raise WrongRow(f"image id {name!r} occurs twice")
                seen.add(str(name))
                place = _file(row, folder, names) if folder else _stated(row, name)
                listed.append(CocoImage(name, *place))
            except (WrongRow, UsageError) as wrong:
                self._add(where, wrong)
        self._unreadable = seen - {str(image.name) for image in listed}
        return listed

    def objects(
        self, rows: Sequence[Any], images: Sequence[CocoImage], categories: Mapping[int, str]
    ) -> CocoObjects:
        """Return the objects in the order of the file."""
        places: dict[Any, int] = {}
        for place, image in enumerate(
            images
        ):  # an id may be a number in one place and text in another
            places[image.name] = places[str(image.name)] = place
            number = whole_number(image.name)
            if number is not None and str(number) == image.name:
                places[number] = place
        labels = {number: label for label, number in enumerate(categories)}
        plain = plain_objects(rows, places, labels)
        if plain is not None:
            return plain
        return CocoObjects.of(self._row_by_row(rows, places, labels))

    def _row_by_row(
        self, rows: Sequence[Any], places: Mapping[Any, int], labels: Mapping[int, int]
    ) -> list[_Object]:
        read: list[_Object] = []
        seen: set[Any] = set()
        for where, row in self._rows(rows, "annotations", "annotation"):
            try:
                name = row.get("id")
                if name is not None:
                    name = name if type(name) is int else _id(row, "id")
                    if name in seen:
                        raise WrongRow(f"annotation id {name!r} occurs twice")
                    seen.add(name)
                one = self._object(row, places, labels)
                if one:
                    read.append(one)
            except WrongRow as wrong:
                self._add(where, wrong)
        return read

    def _object(
        self, row: Mapping[str, Any], places: Mapping[Any, int], labels: Mapping[int, int]
    ) -> _Object | None:
        image = row.get("image_id")
        place = places.get(image) if type(image) is int else None
        if place is None:
            image = _id(row, "image_id")
            place = places.get(image)
        category = row.get("category_id")
        label = labels.get(category) if type(category) is int else None
        if label is None:
            category = _whole(row, "category_id")
            label = labels.get(category)
        if place is None and str(image) not in self._unreadable:
            raise WrongRow(f"belongs to image {image!r}, which is not among the images")
        if label is None and self._all_categories:
            raise WrongRow(f"has category {category}, which is not among the categories")
        box = box_of(row)
        area, crowd = row.get("area"), row.get("iscrowd")
        if type(area) is not float or not 0 <= area < math.inf:
            area = box[2] * box[3] if area is None else _number(area, "area")
            if area < 0:
                raise WrongRow(f"expected an area of 0 or more, got {area:g}")
        if crowd is not None and crowd not in (0, 1, "0", "1"):
            raise WrongRow(f"expected 0 or 1 as 'iscrowd', got {crowd!r:.60}")
        if place is None or label is None:
            return None  # its image or its category is among the faults
        return place, box, label, crowd in (1, "1"), area

    def _rows(
        self, rows: Sequence[Any], key: str, what: str
    ) -> Iterator[tuple[Callable[[], str], Mapping[str, Any]]]:
        """Yield the rows that are mappings, each with a function that returns its position."""
        for index, row in enumerate(rows):
            if isinstance(row, dict):
                yield partial(_where, key, what, index, row), row
            else:
                self._faults.add(
                    f"{self._path}: {key}[{index}]: expected a mapping, got {row!r:.60}"
                )

    def _add(self, where: Callable[[], str], wrong: Exception) -> None:
        self._faults.add(f"{self._path}: {where()}: {wrong}")


def _where(key: str, what: str, index: int, row: Mapping[str, Any]) -> str:
    return f"{key}[{index}]" if row.get("id") is None else f"{what} {row['id']!r:.60}"


def required(row: Mapping[str, Any], key: str) -> Any:
    """Return the value under a key; raises WrongRow if there is none."""
    if row.get(key) is None:
        raise WrongRow(f"expected the key {key!r}, got {'null' if key in row else 'none'}")
    return row[key]


def _id(row: Mapping[str, Any], key: str) -> int | str:
    """Return an id, a whole number or text; 7.0 is 7."""
    value = required(row, key)
    number = value if isinstance(value, str) else whole_number(value)
    if number is None:
        raise WrongRow(f"expected a whole number or text as {key!r}, got {value!r:.60}")
    return number


def _whole(row: Mapping[str, Any], key: str) -> int:
    value = required(row, key)
    number = whole_number(value)
    if number is None:
        raise WrongRow(f"expected a whole number as {key!r}, got {value!r:.60}")
    return number


def _text(row: Mapping[str, Any], key: str) -> str:
    value = required(row, key)
    if not isinstance(value, str):
        raise WrongRow(f"expected text as {key!r}, got {value!r:.60}")
    return value


def _number(value: Any, key: str) -> float:
    number = finite_number(value)
    if number is None:
        raise WrongRow(f"expected finite numbers as {key!r}, got {value!r:.60}")
    return number


def box_of(row: Mapping[str, Any]) -> Box:
    """Return the box of a row; raises WrongRow if it is none."""
    values = required(row, "bbox")
    if not isinstance(values, list):
        raise WrongRow(f"expected a list as 'bbox', got {values!r:.60}")
    if len(values) != 4:
        raise WrongRow(f"expected 4 numbers (x, y, width, height) as 'bbox', got {len(values)}")
    x, y, width, height = values
    if not (
        _NUMBERS.issuperset(map(type, values))
        and -_LARGE < x < _LARGE
        and -_LARGE < y < _LARGE
        and 0 <= width < _LARGE
        and 0 <= height < _LARGE
    ):
        x, y, width, height = (_number(value, "bbox") for value in values)
    if width < 0 or height < 0:
        raise WrongRow(f"expected a width and height of 0 or more, got {width:g} and {height:g}")
    return x, y, width, height


def _stated(row: Mapping[str, Any], name: int | str) -> tuple[Path, tuple[int, int]]:
    """Return the file and the size that a row states, without a look at the file."""
    file = row.get("file_name")
    width, height = (0 if row.get(key) is None else _whole(row, key) for key in ("width", "height"))
    return Path(file if isinstance(file, str) and file else str(name)), (width, height)


def _file(
    row: Mapping[str, Any], folder: Path, names: Collection[str]
) -> tuple[Path, tuple[int, int]]:
    """Return the file of an image and its size, which must be the stated one."""
    text = _text(row, "file_name")
    path = folder / text if text in names else find_written(text, [folder], Path.is_file)
    if path is None:
        raise WrongRow(f"there is no image file {folder / text}{path_hint(text)}")
    size = whole_image_size(path)
    stated = tuple(row.get(key) for key in ("width", "height"))
    if stated != size:
        _compare(path, stated, size)
    return path, size


def _compare(path: Path, stated: tuple[Any, ...], size: tuple[int, int]) -> None:
    given = []
    for key, value, side in zip(("width", "height"), stated, size, strict=True):
        number = side if value is None else whole_number(value)
        if number is None:
            raise WrongRow(f"expected a whole number as {key!r}, got {value!r:.60}")
        given.append(number)
    if tuple(given) != size:
        turned = "; it seems to be turned" if tuple(given[::-1]) == size else ""
        raise WrongRow(
            f"{path} has {size[0]} x {size[1]} pixels, but the annotations say "
            f"{given[0]} x {given[1]}{turned}; bring the image that was annotated"
        )
