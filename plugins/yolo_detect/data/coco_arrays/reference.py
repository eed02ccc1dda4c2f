"""The reference of the compiled reader of COCO files (csrc/host/coco_json.cpp).

Both functions return columns, or None for a file that is not plain.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from nntasks.plugins.yolo_detect.data.coco_arrays.arrays import NO_ID

_DIGITS = 18  # of a whole number
_KEYS = frozenset(
    (
        *("images", "annotations", "categories", "id", "name"),
        *("image_id", "category_id", "bbox", "score", "area", "iscrowd"),
    )
)
Columns = tuple[Any, ...]


class _Unusual(Exception):
    """The file is not plain."""


def read_results(path: bytes, threads: int = 1) -> Columns | None:
    """Return image, category, score and box of the rows."""
    try:
        rows = _mappings(_content(path))
        return (
            _array([_whole(row, "image_id") for row in rows], np.int64),
            _array([_whole(row, "category_id") for row in rows], np.int64),
            _array([_number(row.get("score")) for row in rows], np.float64),
            _array([_box(row) for row in rows], np.float64).reshape(-1, 4),
        )
    except _Unusual:
        return None


def read_instances(path: bytes) -> Columns | None:
    """Return columns of images, of categories (names as JSON) and of annotations."""
    try:
        content = _content(path)
        if not isinstance(content, dict):
            return None
        images, categories, rows = (
            _mappings(content.get(key)) for key in ("images", "categories", "annotations")
        )
        crowd = [_optional(row, "iscrowd", _integer, 0) for row in rows]
        if not {0, 1}.issuperset(crowd):
            return None
        return (
            _array([_whole(row, "id") for row in images], np.int64),
            _array([_whole(row, "id") for row in categories], np.int64),
            [json.dumps(_text(row, "name")).encode() for row in categories],
            _array([_optional(row, "id", _integer, NO_ID) for row in rows], np.int64),
            _array([_whole(row, "image_id") for row in rows], np.int64),
            _array([_whole(row, "category_id") for row in rows], np.int64),
            _array([_box(row) for row in rows], np.float64).reshape(-1, 4),
            _array([_optional(row, "area", _number, math.nan) for row in rows], np.float64),
            _array(crowd, np.bool_),
        )
    except _Unusual:
        return None


def _content(path: bytes) -> Any:
    try:
        with open(path, encoding="utf-8-sig") as file:
            return json.load(file, object_pairs_hook=_mapping, parse_constant=_no_constant)
    except (OSError, ValueError, RecursionError) as error:  # ValueError: not JSON, not UTF-8
        raise _Unusual from error


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    known = [key for key, _ in pairs if key in _KEYS]
    if len(known) != len(set(known)):
        raise _Unusual
    return dict(pairs)


def _no_constant(word: str) -> None:
    raise _Unusual  # NaN and infinities are no JSON


def _mappings(rows: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _Unusual
    return rows


def _array(values: list[Any], dtype: type) -> np.ndarray:
    return np.array(values, dtype=dtype)


def _integer(value: Any) -> int:
    if type(value) is not int or len(str(abs(value))) > _DIGITS:
        raise _Unusual
    return value


def _whole(row: Mapping[str, Any], key: str) -> int:
    return _integer(row.get(key))


def _number(value: Any) -> float:
    if type(value) is not int and type(value) is not float:
        raise _Unusual
    try:
        number = float(value)
    except OverflowError as error:
        raise _Unusual from error
    if not math.isfinite(number):
        raise _Unusual
    return number


def _optional(row: Mapping[str, Any], key: str, read: Callable[[Any], Any], default: Any) -> Any:
    value = row.get(key)
    return default if value is None else read(value)


def _box(row: Mapping[str, Any]) -> list[float]:
    box = row.get("bbox")
    if not isinstance(box, list) or len(box) != 4:
        raise _Unusual
    return [_number(value) for value in box]


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise _Unusual
    return value
