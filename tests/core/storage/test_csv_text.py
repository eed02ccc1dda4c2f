"""CSV that a spreadsheet shows as it is."""

from __future__ import annotations

import csv
import io

import pytest

from nntasks.storage.csv_text import to_csv


def test_rows_of_different_keys_share_the_columns() -> None:
    rows = [{"file": "a, b.png", "n": 1}, {"file": 'c"\n.png', "score": -0.5}]
    text = to_csv(rows)
    assert list(csv.DictReader(io.StringIO(text))) == [
        {"file": "a, b.png", "n": "1", "score": ""},
        {"file": 'c"\n.png', "n": "", "score": "-0.5"},
    ]
    assert to_csv([], ["file"]) == "file\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_text_is_no_formula(start: str) -> None:
    (row,) = csv.DictReader(io.StringIO(to_csv([{"file": f"{start}1+1", "n": -1}])))
    assert row == {"file": f"'{start}1+1", "n": "-1"}


def test_a_name_does_not_break_its_row() -> None:
    text = to_csv([{"file": "a\r\n=b", "n": 1}])
    assert list(csv.DictReader(io.StringIO(text, newline=""))) == [{"file": "a\\r\n=b", "n": "1"}]
