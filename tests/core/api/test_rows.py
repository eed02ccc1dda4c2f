"""Rows of dicts: columns, what a notebook shows, and the way to pandas."""

from __future__ import annotations

import sys

import pytest

from nntasks.api.rows import SHOWN, Rows
from nntasks.errors import MissingError
from nntasks.interfaces.report_data import Table

ROWS = Rows([{"a": 1}, {"b": 2.5, "a": None}], "numbers")


def test_columns_come_in_the_order_in_which_they_appear():
    assert ROWS.columns == ["a", "b"]
    assert ROWS.column("b") == [None, 2.5]
    assert Rows().columns == []


def test_an_unknown_column_names_the_known_ones():
    with pytest.raises(KeyError, match="no column 'c'; the columns are a, b"):
        ROWS.column("c")


def test_the_rows_are_copies():
    given = {"a": 1}
    rows = Rows([given])
    rows[0]["a"] = 2
    assert given == {"a": 1}


def test_the_rows_of_a_table_have_its_headings():
    rows = Rows.of(Table("t", "A title", ("x", "y"), [(1, 2), (3, 4)]))
    assert rows == [{"x": 1, "y": 2}, {"x": 3, "y": 4}]
    assert rows.title == "A title"


def test_one_line():
    assert repr(ROWS) == "<Rows: 'numbers', 2 rows, columns a, b>"
    assert repr(Rows()) == "<Rows: 0 rows, columns none>"


@pytest.mark.parametrize(("count", "more"), [(SHOWN, False), (SHOWN + 3, True)])
def test_a_notebook_shows_the_first_rows(count, more):
    page = Rows([{"n": number} for number in range(count)])._repr_html_()
    assert page.count("<tr>") == SHOWN + 1
    assert ("… and 3 more rows" in page) is more


def test_cells_are_formatted_and_escaped():
    page = Rows([{"<b>": 0.123456, "c": "<script>"}], "<i>")._repr_html_()
    assert "0.1235" in page
    assert "<script>" not in page
    assert "<i>" not in page
    assert "&lt;b&gt;" in page


def test_a_frame_has_all_columns():
    frame = ROWS.to_pandas()
    assert list(frame.columns) == ["a", "b"]
    assert frame["b"].isna().tolist() == [True, False]


def test_without_pandas_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingError, match="run: python -m pip install pandas"):
        ROWS.to_pandas()
