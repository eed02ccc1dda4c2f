"""CSV files of true classes, and of predicted classes or probabilities.

A heading names the columns. A truth has a column `label` (or `class`, `target`, `truth`).
Predictions have a column `predicted` (or `prediction`, `label`, `class`), or a column for each
class with its probability. Both may have a column `id` (or `image`, `file`, `sample`, `name`);
samples are matched by it, and by their place without it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.storage.compression import open_content

_IDS = ("id", "image", "file", "filename", "sample", "name")
_TRUTHS = ("label", "class", "target", "truth", "true")
_SAID = ("predicted", "prediction", "label", "class")
_SUM = 0.01  # probabilities of a sample may sum to 1 within this; they are divided by their sum


@dataclass(frozen=True)
class Truth:
    """The true classes: ids, their names by sample, and whether the file has ids."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    classes: tuple[str, ...]
    has_ids: bool

    def labels(self, classes: Sequence[str]) -> np.ndarray:
        """Return (N,) int64 places of the true classes among `classes`."""
        places = {name: place for place, name in enumerate(classes)}
        return np.array([places[name] for name in self.classes], dtype=np.int64)


@dataclass(frozen=True)
class Found:
    """Predictions in the order of the truth.

    Attributes:
        classes: (K,) names; those of the truth are among them.
        probabilities: (N, K) float64, rows that sum to 1.
        certain: whether only classes were given.
    """

    classes: tuple[str, ...]
    probabilities: np.ndarray
    certain: bool


def read_truth(path: Path, faults: Faults) -> Truth:
    """Read the true classes; faults name the file, the row (the heading is 1) and the column."""
    heading, rows = _rows(path)
    column = _column(path, heading, _TRUTHS)
    named = next((name for name in _IDS if name in heading and name != column), None)
    ids: list[str] = []
    classes: list[str] = []
    for number, row in rows:
        name = row[named] if named else str(number - 1)
        if not row[column]:
            faults.add(f"{path}: row {number}: expected a class under {column!r}, got none")
        if not name:
            faults.add(f"{path}: row {number}: expected an id under {named!r}, got none")
        ids.append(name)
        classes.append(row[column])
    again = [name for name, count in _counts(ids).items() if count > 1]
    if again:
        faults.add(f"{path}: id {again[0]!r:.60} occurs more than once")
    if not ids:
        raise UsageError(f"{path}: expected a row for each sample, got none")
    return Truth(tuple(ids), _in_order(classes), tuple(classes), named is not None)


def read_found(path: Path, truth: Truth, faults: Faults) -> Found:
    """Read predictions for the samples of a truth; faults as in `read_truth`."""
    heading, rows = _rows(path)
    named = next((name for name in _IDS if name in heading), None) if truth.has_ids else None
    by_id = {(row[named] if named else str(number - 1)): (number, row) for number, row in rows}
    lost = [name for name in truth.ids if name not in by_id]
    if lost or len(rows) != len(truth.ids):
        raise UsageError(
            f"{path}: expected a row for each of the {len(truth.ids)} samples, got {len(rows)}"
            + (f"; none for {lost[0]!r:.60}" if lost else "")
        )
    ordered = [by_id[name] for name in truth.ids]
    said = next((name for name in _SAID if name in heading), None)
    if said is not None:
        names = [row[said] for _, row in ordered]
        classes = _in_order([*truth.classes, *filter(None, names)])
        for (number, _), name in zip(ordered, names, strict=True):
            if not name:
                faults.add(f"{path}: row {number}: expected a class under {said!r}, got none")
        places = {name: place for place, name in enumerate(classes)}
        hot = np.eye(len(classes))[[places.get(name, 0) for name in names]]
        return Found(classes, hot, True)
    return _probabilities(path, [name for name in heading if name != named], ordered, truth, faults)


def _probabilities(
    path: Path,
    classes: Sequence[str],
    ordered: Sequence[tuple[int, dict[str, str]]],
    truth: Truth,
    faults: Faults,
) -> Found:
    absent = [name for name in truth.names if name not in classes]
    if absent:
        raise UsageError(
            f"{path}: expected a column `predicted`, or one for each class, found none for "
            f"{', '.join(absent[:3])}"
        )
    table = np.zeros((len(ordered), len(classes)))
    for place, (number, row) in enumerate(ordered):
        for column, name in enumerate(classes):
            try:
                table[place, column] = float(row[name])
            except ValueError:
                faults.add(
                    f"{path}: row {number}: expected a number under {name!r}, got {row[name]!r:.60}"
                )
        total = table[place].sum()
        if not (table[place] >= 0).all() or not abs(total - 1) <= _SUM:
            faults.add(f"{path}: row {number}: expected probabilities that sum to 1, got {total:g}")
    return Found(
        tuple(classes),
        table / np.where(table.sum(axis=1) > 0, table.sum(axis=1), 1)[:, None],
        False,
    )


def _rows(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the columns, and (number, cells by column) of each row."""
    try:
        with open_content(path) as file:
            text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: expected UTF-8 text ({error.reason})") from error
    heading, *lines = _cells(path, text) or [[]]
    heading = [name.strip() for name in heading]
    known = [
        name.lower() if name.lower() in (*_IDS, *_TRUTHS, *_SAID) else name for name in heading
    ]
    rows = []
    for number, cells in enumerate(lines, start=2):
        if any(cell.strip() for cell in cells):
            padded = [*cells, *[""] * len(known)]
            rows.append((number, dict(zip(known, (c.strip() for c in padded), strict=False))))
    return known, rows


def _cells(path: Path, text: str) -> list[list[str]]:
    lines = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=text.partition("\n")[0].count))
    try:
        return list(lines)
    except csv.Error as error:  # a quotation mark that nothing closes makes a cell of the rest
        raise UsageError(
            f"{path}: line {lines.line_num}: is not CSV: {error}; look for a quotation mark that "
            "is not closed"
        ) from error


def _column(path: Path, heading: Sequence[str], names: Sequence[str]) -> str:
    found = next((name for name in names if name in heading), None)
    if found is None:
        raise UsageError(
            f"{path}: expected a heading with a column {names[0]!r}, got "
            f"{', '.join(heading)[:80] or 'an empty file'}"
        )
    return found


def _in_order(names: Sequence[str]) -> tuple[str, ...]:
    """Return distinct names, numbers by their value."""
    distinct = set(names) - {""}
    if all(name.isdigit() for name in distinct):
        return tuple(sorted(distinct, key=int))
    return tuple(sorted(distinct))


def _counts(names: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts
