"""Truth and detections in columns, with the names by which files refer to images and classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np

from nntasks.plugins.yolo_detect.data.loose_numbers import whole_number
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.records import FlatDetections, FlatRecords, FlatTruths


class TrueImage(NamedTuple):
    """An image: its id, its file, and (width, height) in pixels, (0, 0) if unknown."""

    name: int | str
    file: str
    size: tuple[int, int]


class TrueObject(NamedTuple):
    """An object: place of its image, label, (x, y, width, height), area in square pixels."""

    image: int
    label: int
    box: tuple[float, float, float, float]
    area: float
    crowd: bool = False
    difficult: bool = False
    without_id: bool = False


class FoundBox(NamedTuple):
    """A detection: place of its image, label, score in 0..1, (x, y, width, height)."""

    image: int
    label: int
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Truth:
    """The objects of a truth.

    Attributes:
        images: ids are unique.
        classes: names by number, as files state it, ascending; a label is a place in it.
        objects: in the order of the file.
        source: where it comes from, for messages.
        reads: of a run, what reads the picture of each image by its id, as (H, W, 3) uint8 RGB.
    """

    images: Sequence[TrueImage]
    classes: Mapping[int, str]
    objects: Sequence[TrueObject]
    source: str
    reads: Mapping[int | str, Callable[[], np.ndarray]] | None = None

    def same(self, other: Truth) -> bool:
        """Return whether another truth has the same images, classes and objects."""
        mine, theirs = ((one.images, one.classes, one.objects) for one in (self, other))
        return mine == theirs

    @cached_property
    def _places(self) -> dict[Any, int]:
        """Places by id, file name and stem; what names two images names none."""
        places: dict[Any, int] = {}
        for names in (_ids, _files, _stems):
            level: dict[Any, int] = {}
            for place, image in enumerate(self.images):
                for name in names(image):
                    level[name] = -1 if level.get(name, place) != place else place
            places = {**{k: v for k, v in level.items() if v >= 0}, **places}
        return places

    @cached_property
    def _labels(self) -> dict[Any, int]:
        names = {name: label for label, name in enumerate(self.classes.values())}
        numbers = {number: label for label, number in enumerate(self.classes)}
        return names | {str(number): label for number, label in numbers.items()} | numbers

    def place(self, name: Any) -> int | None:
        """Return the place of the image that an id, a file name or a stem means."""
        try:
            return self._places.get(name)
        except TypeError:  # a list or a mapping
            return None

    def place_of_text(self, name: str) -> int | None:
        """Return the same for a cell of a table, whose file may have another ending."""
        place = self.place(name)
        return self.place(PurePath(name).stem) if place is None else place

    def label(self, name: Any) -> int | None:
        """Return the label that a class's number or name means."""
        try:
            return self._labels.get(name)
        except TypeError:
            return None

    def known_images(self) -> str:
        """Return a few names for messages."""
        return _some(image.name for image in self.images)

    def known_classes(self) -> str:
        """Return a few classes for messages."""
        return _some(f"{number} ({name})" for number, name in self.classes.items())


def order_of(images: Sequence[TrueImage]) -> list[int]:
    """Return the places of the images by ascending id, numbers before names."""
    names = [image.name for image in images]
    return sorted(range(len(names)), key=lambda i: (isinstance(names[i], str), names[i]))


def problem(truth: Truth, found: Sequence[FoundBox]) -> Problem:
    """Return truth and detections as what is scored; images go by `order_of`."""
    names = [image.name for image in truth.images]
    order = order_of(truth.images)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    detections = _columns(found, FoundBox._fields)
    objects = _columns(truth.objects, TrueObject._fields)
    image, true_image = (rank[part["image"].astype(np.int64)] for part in (detections, objects))
    found_order, true_order = (np.argsort(part, kind="stable") for part in (image, true_image))
    found_columns = {name: column[found_order] for name, column in detections.items()}
    true = {name: column[true_order] for name, column in objects.items()}
    records = FlatRecords(
        image_ids=tuple(names[place] for place in order),
        detections=FlatDetections(
            image=image[found_order],
            label=found_columns["label"].astype(np.int64),
            score=found_columns["score"],
            box=found_columns["box"].reshape(-1, 4),
        ),
        truths=FlatTruths(
            image=true_image[true_order],
            label=true["label"].astype(np.int64),
            box=true["box"].reshape(-1, 4),
            crowd=true["crowd"].astype(bool),
            area=true["area"],
        ),
    )
    return Problem(
        tuple(truth.classes.values()),
        records,
        true["difficult"].astype(bool),
        true["without_id"].astype(bool),
    )


def sized(x1: float, y1: float, x2: float, y2: float) -> tuple[float, float, float, float]:
    """Return (x, y, width, height) of corners; decimals of a file stay decimals."""
    width, height = (
        decimal if low + decimal == high else high - low
        for low, high in ((x1, x2), (y1, y2))
        for decimal in (round(high - low, 6),)
    )
    return x1, y1, width, height


def _columns(rows: Sequence[Any], names: Sequence[str]) -> dict[str, np.ndarray]:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return {
        name: np.array(column, dtype=np.float64)
        for name, column in zip(names, columns, strict=True)
    }


def _ids(image: TrueImage) -> Iterable[Any]:
    return (image.name, str(image.name))


def _files(image: TrueImage) -> Iterable[Any]:
    return (image.file, PurePath(image.file).name)


def _stems(image: TrueImage) -> Iterable[Any]:
    path = PurePath(image.file)
    stems: list[Any] = [path.stem, str(path.with_suffix(""))]
    number = whole_number(path.stem)
    return stems if number is None else [*stems, number]


def _some(names: Iterable[Any], count: int = 3) -> str:
    shown = [str(name) for _, name in zip(range(count + 1), names, strict=False)]
    return ", ".join(shown[:count]) + (", ..." if len(shown) > count else "")
