"""A table for the page: cells with their sort keys, columns by what they hold, ragged rows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nntasks.report.html_table import CellView, Code, cell, data_table


@pytest.mark.parametrize(
    ("value", "text", "number"),
    [
        (0.5, "0.5000", "0.5"),
        (3, "3", "3.0"),
        (np.float32(0.5), "0.5000", "0.5"),
        (math.inf, "inf", "Infinity"),
        (math.nan, "nan", "nan"),
        ("text", "text", None),
        (True, "yes", None),
        ([1, 2], "1, 2", None),
        (None, "", None),
        ("two\nlines", "two lines", None),
    ],
)
def test_a_value_has_its_text_and_its_sort_key(value, text, number):
    assert cell(value) == CellView(text, number)


def test_code_stays_as_it_is():
    assert cell(Code("a  b")) == CellView("a  b", None, code=True)


def test_columns_of_numbers_are_told_from_others():
    table = data_table(
        "t", ("name", "n", "mixed", "none"), [("a", 1, 1, None), ("b", None, "x", None)]
    )
    assert [column.numeric for column in table.columns] == [False, True, False, False]
    assert [column.name for column in table.columns] == ["name", "n", "mixed", "none"]


def test_every_row_has_as_many_cells_as_there_are_columns():
    table = data_table("t", ("a", "b"), [(1,), (1, 2, 3), ()])
    assert [[one.text for one in row.cells] for row in table.rows] == [
        ["1", ""],
        ["1", "2"],
        ["", ""],
    ]


def test_changed_rows_are_marked():
    table = data_table("t", ("a",), [(1,), (2,), (3,)], changed={1})
    assert [row.changed for row in table.rows] == [False, True, False]


@pytest.mark.parametrize(("rows", "tall"), [(60, False), (61, True)])
def test_long_tables_scroll(rows, tall):
    assert data_table("t", ("a",), [(n,) for n in range(rows)]).tall is tall


def test_a_table_without_rows():
    table = data_table("t", ("a",), [], note="nothing here", heading=False)
    assert (table.rows, table.columns[0].numeric) == ([], False)
    assert (table.title, table.note, table.heading) == ("t", "nothing here", False)
