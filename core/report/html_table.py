"""A table of the HTML report."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from nntasks.report.formatting import as_number, for_sorting, format_value, is_numeric
from nntasks.report.markup import Markup, element, join

_MANY_ROWS = 60  # longer tables scroll in a frame of their own


def data_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    note: str = "",
    changed: Collection[int] = (),
    heading: bool = True,
) -> Markup:
    """Return a table with its heading; the script of the page makes it sortable.

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
    head = element("tr", *(_heading(columns[c], numeric[c]) for c in range(width)))
    body = join(
        element(
            "tr",
            *(_cell(value, numeric[c], c == 0, number in changed) for c, value in enumerate(row)),
            class_="changed" if number in changed else None,
        )
        for number, row in enumerate(cells)
    )
    table = element(
        "table",
        element("caption", title),
        element("thead", head),
        element("tbody", body),
    )
    return element(
        "div",
        element("h3", title) if heading else None,
        element("p", note, class_="note") if note else None,
        element(
            "div",
            table,
            class_="scroller tall" if len(rows) > _MANY_ROWS else "scroller",
            role="region",
            tabindex="0",
            aria_label=title,
        ),
        class_="table",
    )


def _heading(name: str, numeric: bool) -> Markup:
    return element("th", name, scope="col", class_="number" if numeric else None)


def _cell(value: Any, numeric: bool, first: bool, changed: bool) -> Markup:
    number = as_number(value)
    badge = join([" ", element("span", "changed", class_="badge")]) if first and changed else None
    if isinstance(value, Markup):
        text: str = value
    else:
        text = "" if value is None else format_value(value)
    return element(
        "th" if first else "td",
        text,
        badge,
        scope="row" if first else None,
        class_="number" if numeric else None,
        data_value=None if number is None else for_sorting(number),
    )
