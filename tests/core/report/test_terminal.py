"""Values, tables and metrics as they are printed."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from nntasks.interfaces.report_data import Table
from nntasks.report.formatting import as_number, clean, duration, file_size, is_numeric
from nntasks.report.terminal import MOST_ROWS, format_value, print_metrics, print_table


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


TABLE = Table(
    "per_class",
    "Per class",
    ("class", "objects", "AP"),
    [("person", 12, 0.123456), ("[red]x[/red]", 3, math.nan), ("cat", 1000, None)],
    "What it says.",
)
SUMMARY = {
    "metrics": {"map50": 0.5, "images": 128.0, "recall": math.nan},
    "headline": ["map50", "absent"],
    "definitions": {"map50": "mean " * 30, "images": "size " * 30, "recall": "found"},
}


def printed(what, value, stream=None):
    stream = stream or io.StringIO()
    what(value, stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5000"),
        (-0.00001, "-1.0000e-05"),
        (-0.0, "0.0000"),
        (0.00005, "0.0001"),
        (12345.678, "12345.6780"),
        (2.5e9, "2.5000e+09"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (7, "7"),
        (10**400, str(10**400)),
        (True, "yes"),
        (None, "–"),
        ("text", "text"),
        ("a\nb\x1b[0m", "a b\N{REPLACEMENT CHARACTER}[0m"),
        (Path("a/b"), "a/b"),
        ((1, 0.5, "x"), "1, 0.5000, x"),
        ({"a": 1, "b": [2.0]}, "a: 1, b: 2.0000"),
        ({"b", "a"}, "a, b"),
        (np.float32(0.25), "0.2500"),
        (np.int64(3), "3"),
        (np.bool_(False), "no"),
        (np.array(1.5), "1.5000"),
        (torch.tensor(2), "2"),
    ],
)
def test_values_read_well(value, text):
    assert format_value(value) == text


def test_numbers_are_told_from_other_values():
    assert as_number(np.float64(0.5)) == 0.5
    assert as_number(torch.tensor(2)) == 2.0
    assert as_number(-(10**400)) == -math.inf
    assert as_number(True) is None
    assert as_number("1") is None
    assert is_numeric([1, None, 0.5])
    assert not is_numeric([None])
    assert not is_numeric([1, "x"])


def test_broken_text_can_be_written():
    assert clean("a\udce9\x9bb\tc").encode() == "a?\N{REPLACEMENT CHARACTER}b\tc".encode()


def test_durations():
    assert [duration(s) for s in (4.23, 59.9, 65, 3599.6, 7620)] == [
        "4.2 s",
        "59.9 s",
        "1 min 05 s",
        "1 h 00 min",
        "2 h 07 min",
    ]


def test_file_sizes():
    sizes = (0, 999, 1000, 1500, 999_499, 999_500, 12_345_678, 3 * 10**15)
    assert [file_size(size) for size in sizes] == [
        "0 B",
        "999 B",
        "1 kB",
        "1.5 kB",
        "999 kB",
        "1 MB",
        "12.3 MB",
        "3e+03 TB",
    ]


def test_a_table_is_plain_text_where_there_is_no_terminal():
    assert printed(print_table, TABLE).splitlines() == [
        "Per class",
        "class          objects       AP",
        "───────────────────────────────",
        "person              12   0.1235",
        "[red]x[/red]         3      nan",
        "cat               1000",
        "What it says.",
        "",
    ]


def test_a_terminal_gets_bold_and_no_color_takes_only_colour(monkeypatch):
    assert "\x1b[1m" in printed(print_table, TABLE, Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(print_table, TABLE, Terminal())
    assert not [code for code in text.split("\x1b[")[1:] if code[0] in "34"]
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in printed(print_table, TABLE, Terminal())


def test_cells_are_whole_where_there_is_no_terminal():
    path = "/runs/" + "long/" * 50 + "run"
    text = printed(print_table, Table("t", "T", ("run", "dice"), [(path, 0.5)], "words " * 40))
    assert path in text
    assert len(text.splitlines()) == 6


def test_long_text_is_wrapped_in_a_terminal_and_numbers_are_whole(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    columns = ("id", *(f"score{n}" for n in range(4)), "remark")
    rows = [("long " * 20, *(1000.5 + n for n in range(4)), "words " * 20)]
    text = printed(print_table, Table("t", "T", columns, rows))
    assert max(map(len, text.splitlines())) <= 80
    assert all(f"{1000.5 + n:.4f}" in text for n in range(4))
    assert text.count("words") == 20


def test_numbers_are_never_cut_even_if_the_line_gets_long():
    columns = [f"column_{n:02}" for n in range(15)]
    text = printed(print_table, Table("t", "T", columns, [[n + 0.25 for n in range(15)]]))
    assert all(f"{n}.2500" in text for n in range(15))
    assert all(name in text for name in columns)
    assert "…" not in text


def test_columns_says_how_wide_to_print(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    text = printed(print_table, Table("t", "T", ("a",), [("word " * 40,)]))
    assert 30 < max(map(len, text.splitlines())) <= 40


def test_ragged_and_empty_tables_are_printed():
    assert printed(print_table, Table("t", "T", ("a", "b"), [(1,), (1, 2, 3)])).splitlines() == [
        "T",
        "a   b",
        "─────",
        "1",
        "1   2",
        "",
    ]
    assert printed(print_table, Table("t", "T", ("a", "b"), [])).splitlines()[:2] == ["T", "a   b"]


def test_a_long_table_ends_with_how_many_rows_are_missing():
    rows = [(f"row {number}",) for number in range(MOST_ROWS + 5)]
    lines = printed(print_table, Table("t", "T", ("a",), rows)).splitlines()
    assert lines[-3].strip() == f"row {MOST_ROWS - 1}"
    assert lines[-2] == "... and 5 more rows, in the report"
    assert "more rows" not in printed(print_table, Table("t", "T", ("a",), rows[:MOST_ROWS]))


def test_the_headline_stands_alone_with_its_whole_definition(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = printed(print_metrics, SUMMARY).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[2].startswith("map50    0.5000   mean mean")
    assert sum(line.count("mean") for line in lines) == 30
    assert "recall" not in "".join(lines)
    assert lines[-2] == "2 more numbers in summary.json and the report; --all prints them"


def test_every_number_on_demand_the_headline_first():
    text = printed(lambda *args, **more: print_metrics(*args, **more, everything=True), SUMMARY)
    lines = text.splitlines()
    assert lines[2].startswith("map50      0.5000   mean mean")
    assert [line.split()[:2] for line in lines if line[:6] in ("images", "recall")] == [
        ["images", "128.0000"],
        ["recall", "nan"],
    ]
    assert "…" not in text
    assert "--all" not in text


def test_without_a_headline_every_number_is_printed():
    text = printed(print_metrics, {**SUMMARY, "headline": []})
    assert "images" in text
    assert "--all" not in text


def test_a_summary_without_numbers_prints_nothing():
    assert printed(print_metrics, {"metrics": {}, "headline": [], "definitions": {}}) == ""


def test_a_narrow_encoding_shows_question_marks():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    print_table(Table("t", "Übersicht", ("a",), [("日本",)]), stream)
    stream.flush()
    assert b"?bersicht" in raw.getvalue()


def test_standard_output_is_the_default(capsys):
    print_table(TABLE)
    assert capsys.readouterr().out.startswith("Per class\n")


def test_intervals_stand_beside_the_numbers():
    summary = SUMMARY | {"intervals": {"map50": [0.4, 0.6]}, "headline": ["map50", "recall"]}
    text = printed(print_metrics, summary)
    assert "95 % interval" in text
    assert "0.4000 to 0.6000" in text
    assert text.count("no 95 % interval: recall") == 1


def test_without_intervals_there_is_no_column_but_a_sentence():
    text = printed(print_metrics, SUMMARY)
    assert "no 95 % interval: map50" in text
    assert text.count("95 % interval") == 1
