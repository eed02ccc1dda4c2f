"""A table of the HTML report, ready for the template `parts.html`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from nntasks.report.formatting import as_number, for_sorting, format_value, is_numeric

_MANY_ROWS = 60  # longer tables scroll in a frame of their own


class Code(str):
    """Text that is set as code."""

    __slots__ = ()


@dataclass(frozen=True)
class CellView:
    """A value as it is shown, and as it is sorted: a number as JavaScript reads it, or None."""

    text: str
    number: str | None
    code: bool = False


@dataclass(frozen=True)
class ColumnView:
    """A heading; columns of numbers are aligned to the right."""

    name: str
    numeric: bool


@dataclass(frozen=True)
class RowView:
    """A row of as many cells as there are columns; the first heads it."""

    cells: Sequence[CellView]
    changed: bool


@dataclass(frozen=True)
class TableView:
    """A table with its heading; long ones scroll in a frame of their own (`tall`)."""

    title: str
    columns: Sequence[ColumnView]
    rows: Sequence[RowView]
    note: str
    heading: bool

    @property
    def tall(self) -> bool:
        """Whether it scrolls in a frame of its own."""
        return len(self.rows) > _MANY_ROWS


def data_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    note: str = "",
    changed: Collection[int] = (),
    heading: bool = True,
) -> TableView:
    """Return a table; the script of the page makes it sortable.

    Args:
        title: names the table.
        columns: the headings.
        rows: one sequence per row; a short row is filled up with empty cells. The first cell
            heads its row. Columns of numbers are aligned to the right.
        note: a line below the heading.
        changed: indices of the rows that stand out and say "changed".
        heading: whether the title is shown; it is read out in any case.
    """
    width = len(columns)
    cells = [[*row, *[None] * (width - len(row))][:width] for row in rows]
    numeric = [is_numeric(row[column] for row in cells) for column in range(width)]
    return TableView(
        title,
        [ColumnView(*pair) for pair in zip(columns, numeric, strict=True)],
        [RowView([*map(cell, row)], number in changed) for number, row in enumerate(cells)],
        note,
        heading,
    )


def cell(value: Any) -> CellView:
    """Return a value as a cell; None is an empty one."""
    if isinstance(value, Code):
        return CellView(str(value), None, code=True)
    number = as_number(value)
    text = "" if value is None else format_value(value)
    return CellView(text, None if number is None else for_sorting(number))
