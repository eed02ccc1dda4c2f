"""VOC XML files: one for each image, with the corners of its objects.

Coordinates are taken as they are. In VOC's own files they count from 1 and both edges belong to the
box, which is what the rules of its development kit suppose.

Everingham et al., "The PASCAL Visual Object Classes (VOC) Challenge", IJCV 2010.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from nntasks.datasets.faults import Faults
from nntasks.plugins.yolo_detect.data.loose_numbers import finite_number, whole_number

_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_SCORES = ("score", "confidence")


@dataclass(frozen=True)
class VocObject:
    """An object or a detection: class, (x1, y1, x2, y2), difficult, score (None for an object)."""

    name: str
    box: tuple[float, float, float, float]
    difficult: bool
    score: float | None


@dataclass(frozen=True)
class VocImage:
    """One file.

    Attributes:
        file: the name of the picture; that of the XML file if it states none.
        size: (width, height) in pixels, (0, 0) if it states none.
        objects: in the order of the file.
    """

    file: str
    size: tuple[int, int]
    objects: tuple[VocObject, ...]


def read_voc(path: Path, faults: Faults) -> VocImage | None:
    """Read a file; faults name the file, the object (from 1) and the field.

    Returns None if it is no XML.
    """
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except (ElementTree.ParseError, ValueError) as error:
        faults.add(f"{path}: is not XML: {error}")
        return None
    except OSError as error:
        faults.add(f"{path}: cannot be read: {error.strerror}")
        return None
    stated = (root.findtext("filename") or "").strip()
    width, height = (
        whole_number((root.findtext(f"size/{key}") or "").strip()) for key in ("width", "height")
    )
    size = (width or 0, height or 0)
    return VocImage(stated or path.stem, size, tuple(_objects(path, root, faults)))


def _objects(path: Path, root: ElementTree.Element, faults: Faults) -> Iterator[VocObject]:
    for number, element in enumerate(root.iter("object"), start=1):
        where = f"{path}: object {number}"
        name = (element.findtext("name") or "").strip()
        corners = [_number(element, f"bndbox/{key}") for key in _CORNERS]
        stated = next((key for key in _SCORES if element.find(key) is not None), None)
        score = None if stated is None else _number(element, stated)
        difficult = (element.findtext("difficult") or "0").strip()
        problem = _problem(name, corners, difficult, (stated, score))
        if problem:
            faults.add(f"{where}: {problem}")
        else:
            x1, y1, x2, y2 = (corner or 0.0 for corner in corners)
            yield VocObject(name, (x1, y1, x2, y2), difficult == "1", score)


def _number(element: ElementTree.Element, key: str) -> float | None:
    return finite_number((element.findtext(key) or "").strip())


def _problem(
    name: str,
    corners: list[float | None],
    difficult: str,
    scored: tuple[str | None, float | None],
) -> str:
    if not name:
        return "expected a class under 'name', got none"
    for key, corner in zip(_CORNERS, corners, strict=True):
        if corner is None:
            return f"expected a finite number under 'bndbox/{key}'"
    x1, y1, x2, y2 = (corner or 0.0 for corner in corners)
    if x2 < x1 or y2 < y1:
        return f"expected xmin <= xmax and ymin <= ymax, got {x1:g} {y1:g} {x2:g} {y2:g}"
    if difficult not in ("0", "1"):
        return f"expected 0 or 1 under 'difficult', got {difficult!r:.60}"
    stated, score = scored
    if stated is not None and (score is None or not 0 <= score <= 1):
        return f"expected a number in 0..1 under {stated!r}"
    return ""
