"""Published word pair lists: the columns of the words and the score.

| list | columns |
| --- | --- |
| WordSim-353 (`combined.csv`, `combined.tab`) | Word 1, Word 2, Human (mean) |
| SimLex-999 | word1, word2, POS, SimLex999 and six more, separated by tabs |
| MEN, RG-65, MTurk, RareWords, SimVerb | two words and scores, by blanks, `;`, `,` or tabs |
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from nntasks.errors import UsageError

_SCORE = ("simlex999", "human", "mean", "average", "avg", "score", "rating", "gold", "sim")


def rows_of(lines: Sequence[str], path: Path) -> Iterator[tuple[int, str, str, float]]:
    """Yield (line number, first word, second word, score) of a list of pairs.

    Args:
        lines: the lines of the file; empty lines and `#` comments are skipped.
        path: for messages.

    Raises:
        UsageError: names the first line that is not two words and a score.
    """
    kept = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
    if not kept:
        return
    separator = _separator(kept[0][1])
    rows = [(number, _cells(line, separator)) for number, line in kept]
    named = _named_column(rows[0][1])
    first_pair = rows[1][1] if named and len(rows) > 1 else rows[0][1]
    column = named if named and _holds_score(first_pair, named) else _first_score(first_pair)
    if column is None:
        raise _no_pair(path, *kept[0])
    for (number, cells), (_, line) in list(zip(rows, kept, strict=True))[bool(named) :]:
        if not _holds_score(cells, column) or not (cells[0] and cells[1]):
            raise _no_pair(path, number, line)
        yield number, cells[0], cells[1], float(cells[column])


def _no_pair(path: Path, number: int, line: str) -> UsageError:
    return UsageError(
        f"{path}, line {number}: expected two words and a score (tabs, commas or blanks between), "
        f"got {line[:60]!r}"
    )


def _separator(line: str) -> str | None:
    """Return the separator of the cells; None for white space."""
    return next((sign for sign in "\t;," if sign in line), None)


def _cells(line: str, separator: str | None) -> list[str]:
    try:
        cells = line.split() if separator is None else next(csv.reader([line], delimiter=separator))
    except csv.Error:  # a cell of more than 131,072 characters
        return []
    return [cell.strip() for cell in cells]


def _named_column(cells: Sequence[str]) -> int | None:
    """Return the score column if the cells are column names, else None."""
    names = [re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in cells]
    if len(names) < 3 or _first_score(cells) is not None or not names[0].startswith("word"):
        return None
    found = (c for word in _SCORE for c in range(2, len(names)) if word in names[c])
    return next(found, 2)


def _first_score(cells: Sequence[str]) -> int | None:
    """Return the first numeric column after the two words."""
    return next((c for c in range(2, len(cells)) if _is_score(cells[c])), None)


def _holds_score(cells: Sequence[str], column: int) -> bool:
    return column < len(cells) and _is_score(cells[column])


def _is_score(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
