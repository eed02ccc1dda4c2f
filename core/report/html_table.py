"""A table of the HTML report, ready for the template `parts.html`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from nntasks.report.formatting import as_number, for_sorting, format_value, is_numeric

_MANY_ROWS = 60  # longer tables scroll in their own frame


class Code(str):
    """Text in a code font."""

    __slots__ = ()


@dataclass(frozen=True)
class CellView:
    """The text of a value and its sort key, a number for JavaScript or None."""

    text: str
    number: str | None
    code: bool = False


@dataclass(frozen=True)
class ColumnView:
    """A column heading; numeric columns are right-aligned."""

    name: str
    numeric: bool


@dataclass(frozen=True)
class RowView:
    """A row with one cell per column; the first cell is its heading."""

    cells: Sequence[CellView]
    changed: bool


@dataclass(frozen=True)
class TableView:
    """A table with its heading."""

    title: str
    columns: Sequence[ColumnView]
    rows: Sequence[RowView]
    note: str
    heading: bool

    @property
    def tall(self) -> bool:
        """Whether it scrolls in its own frame."""
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
    """Return a table that the page's script makes sortable.

    Args:
        title: the title of the table.
        columns: the headings.
        rows: one sequence per row; short rows are padded with empty cells. The first cell is the
            heading of its row. Numeric columns are right-aligned.
        note: a line below the heading.
        changed: indices of rows that are highlighted and marked "changed".
        heading: whether the title is visible; screen readers read it in any case.
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
