"""Where the errors lie: recall by size and by crowding, all numbers by columns of a slices file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.matches import AREAS, MatchTable
from nntasks.plugins.yolo_detect.evaluation.overlap import candidate_pairs
from nntasks.plugins.yolo_detect.evaluation.resampling import OperatingPoint, resampled_numbers
from nntasks.statistics.bootstrap import replicates

_CROWDING = ((0, 0), (1, 1), (2, 2), (3, 5), (6, None))  # neighbours, both ends included
_KEYS = ("image", "image_id", "id", "file", "stem")
_SHOWN = ("map50_95", "map50", "precision", "recall", "f1")
_TOUCHING = 1e-12
MISSING = "(none)"


def recall_by_size(table: MatchTable, at: OperatingPoint) -> list[dict[str, Any]]:
    """Return recall of small, medium and large objects; see `_recall_rows`."""
    inside = ~table.truths.ignored[:, 1:]
    names = AREAS[1:]
    group = np.where(inside.any(axis=1), inside.argmax(axis=1), len(names))
    return _recall_rows(table, at, group, names)


def recall_by_crowding(table: MatchTable, at: OperatingPoint) -> list[dict[str, Any]]:
    """Return recall by the number of other objects, of any class, with an IoU above 0."""
    count = neighbours(table)
    group = np.zeros(len(count), np.int64)
    names = []
    for place, (least, most) in enumerate(_CROWDING):
        group[count >= least] = place
        names.append(
            str(least) if most == least else f"{least}+" if most is None else f"{least}-{most}"
        )
    return _recall_rows(table, at, group, names)


def neighbours(table: MatchTable) -> np.ndarray:
    """Return (G,) int64: how many other objects of its image each object overlaps."""
    truths = table.truths
    plain = np.flatnonzero(~truths.crowd)
    box, image = truths.box[plain], truths.image[plain]
    pairs = candidate_pairs(box, image, box, image, np.zeros(len(plain), bool), _TOUCHING)
    others = pairs.detection[pairs.detection != pairs.truth]
    count = np.zeros(len(truths), np.int64)
    count[plain] = np.bincount(others, minlength=len(plain))
    return count


def _recall_rows(
    table: MatchTable, at: OperatingPoint, group: np.ndarray, names: Sequence[str]
) -> list[dict[str, Any]]:
    """Return a row for each group with objects: how many are found at the operating point.

    `low` and `high` are the ends of the 95 % interval over images.
    """
    from scipy.sparse import csr_matrix

    threshold, truths = table.threshold_index(at.iou), table.truths
    matched = table.matched(threshold)
    good = ~table.ignored(threshold) & (matched >= 0) & (table.detections.score >= at.confidence)
    found = np.zeros(len(truths), bool)
    found[matched[good]] = True
    real = ~truths.ignored[:, 0] & (group < len(names))
    shape = (len(names), len(table.image_ids))

    def counts(chosen: np.ndarray) -> csr_matrix:
        return csr_matrix((np.ones(chosen.sum()), (group[chosen], truths.image[chosen])), shape)

    objects, hits = counts(real), counts(real & found)

    def shares(weights: np.ndarray) -> dict[str, np.ndarray]:
        drawn = weights.T.astype(np.float64)
        with np.errstate(invalid="ignore"):
            return dict(zip(names, (hits @ drawn) / (objects @ drawn), strict=True))

    known = replicates(shares, len(table.image_ids), seed=0) if len(table.image_ids) else {}
    totals = np.asarray(objects.sum(axis=1)).ravel().astype(int).tolist()
    reached = np.asarray(hits.sum(axis=1)).ravel().astype(int).tolist()
    rows = []
    for place, name in enumerate(names):
        if totals[place]:
            recall, low, high = known[name].interval()
            row = {"group": name, "objects": totals[place], "found": reached[place]}
            rows.append(row | {"recall": recall, "low": low, "high": high})
    return rows


def read_slices(path: Path, place: Callable[[str], int | None], count: int) -> dict[str, list[str]]:
    """Read a CSV with a row for each image and a column for each property.

    The column `image`, `image_id`, `id`, `file` or `stem` names the image. An image without a row,
    or with an empty cell, belongs to "(none)".

    Args:
        path: the file.
        place: returns the place, in 0..count-1, of the image that a cell names; None if unknown.
        count: images of the truth.

    Returns:
        By column, the value of each image by its place.

    Raises:
        UsageError: the file cannot be read, or rows are wrong; it names them all.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), list(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: expected a CSV file: {reason}") from error
    key = next((name for name in _KEYS if name in columns), None)
    if key is None or len(columns) < 2:
        raise UsageError(
            f"{path}: expected a column that names the image ({', '.join(_KEYS)}) and at least one "
            f"more, got {', '.join(columns) or 'nothing'}"
        )
    slices = {name: [MISSING] * count for name in columns if name and name != key}
    problems, seen = [], set[int]()
    for line, row in enumerate(rows, 2):
        text = (row[key] or "").strip()
        index = place(text) if text else None
        if index is None:
            problems.append(
                f"{path}: line {line}: {key}: expected an image of the truth, got {text!r}"
            )
        elif index in seen:
            problems.append(f"{path}: line {line}: {key}: {text!r} occurs twice; give it one row")
        elif None in row or None in row.values():
            problems.append(f"{path}: line {line}: expected {len(columns)} cells; fill up the row")
        else:
            seen.add(index)
            for name, values in slices.items():
                values[index] = row[name].strip() or MISSING
    if problems:
        raise UsageError("\n".join(problems))
    return slices


def numbers_by_slice(
    table: MatchTable, at: OperatingPoint, slices: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """Return mAP, precision, recall and F1 of each group of images, a row for each value.

    `NAME_low` and `NAME_high` are the ends of 95 % intervals over the images of the group.
    """
    rows = []
    for column, values in slices.items():
        for value in sorted(set(values)):
            chosen = np.flatnonzero(np.array(values, dtype=object) == value)
            row: dict[str, Any] = {"column": column, "value": value, "images": len(chosen)}
            rows.append(row | _numbers_of(table, at, chosen))
    return rows


def _numbers_of(table: MatchTable, at: OperatingPoint, images: np.ndarray) -> dict[str, float]:
    def numbers(weights: np.ndarray) -> dict[str, np.ndarray]:
        whole = np.zeros((len(weights), len(table.image_ids)), np.uint8)
        whole[:, images] = weights
        found = resampled_numbers(table, whole, at).numbers
        return {name: found[name] for name in _SHOWN}

    cells: dict[str, float] = {}
    for name, one in replicates(numbers, len(images), seed=0).items():
        value, low, high = one.interval()
        cells |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return cells
