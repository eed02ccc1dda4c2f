"""Rows as CSV text that spreadsheets do not evaluate as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t")  # characters that start a formula in spreadsheets


def to_csv(rows: Sequence[Mapping[str, Any]], no_rows: Sequence[str] = ()) -> str:
    """Return rows as CSV; the columns are the keys in order of first appearance.

    Text that begins like a formula, such as a file named `=1+1.png`, gets an apostrophe before it;
    numbers stay as they are.

    Args:
        rows: one dictionary a row; a key that is absent leaves its cell empty.
        no_rows: the columns where there are no rows.
    """
    columns = list(dict.fromkeys(key for row in rows for key in row)) or list(no_rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(_cell, columns))
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    value = value.replace(
        "\r", "\\r"
    )  # Python's writer leaves it bare, and readers end the row there
    return f"'{value}" if value.startswith(_FORMULA) else value
