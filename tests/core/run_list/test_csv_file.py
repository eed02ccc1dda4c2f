"""A list of runs as a CSV file: its columns, lists in one cell, and what cannot be written."""

from __future__ import annotations

import csv

import pytest

from nntasks.errors import RunFailed
from nntasks.run_list.csv_file import write

ROWS = [{"run": "a", "tags": ["good", "old"], "sizes": (8, 4)}, {"run": "b", "dice": 0.5}]


def read(path):
    return list(csv.DictReader(path.open(newline="")))


def test_all_columns_of_the_rows(tmp_path):
    write(tmp_path / "runs.csv", ROWS)
    first, second = read(tmp_path / "runs.csv")
    assert first == {"run": "a", "tags": "good old", "sizes": "8 4", "dice": ""}
    assert second == {"run": "b", "tags": "", "sizes": "", "dice": "0.5"}


def test_the_columns_that_are_asked_for_in_their_order(tmp_path):
    write(tmp_path / "runs.csv", ROWS, ["dice", "run"])
    assert (tmp_path / "runs.csv").read_text() == "dice,run\n,a\n0.5,b\n"


def test_without_rows_the_columns_stand_alone(tmp_path):
    write(tmp_path / "runs.csv", [], ["run", "dice"])
    assert (tmp_path / "runs.csv").read_text() == "run,dice\n"


def test_the_rows_are_left_as_they_were(tmp_path):
    write(tmp_path / "runs.csv", ROWS)
    assert ROWS[0]["tags"] == ["good", "old"]


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunFailed, match=r"cannot write .*runs\.csv: .*; choose another file$"):
        write(tmp_path / "file" / "runs.csv", ROWS)
