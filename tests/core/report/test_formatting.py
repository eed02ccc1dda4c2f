"""Values as people read them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from nntasks.report import formatting


@pytest.mark.parametrize(
    ("count", "nouns", "expected"),
    [
        (1, ("file",), "1 file"),
        (0, ("file",), "0 files"),
        (2, ("batch", "batches"), "2 batches"),
        (1, ("batch", "batches"), "1 batch"),
        (3, ("file is", "files are"), "3 files are"),
    ],
)
def test_a_count_and_its_noun(count: int, nouns: tuple[str, ...], expected: str) -> None:
    assert formatting.how_many(count, *nouns) == expected


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((0.25, 0.5), "0.2500 to 0.5000"),
        ((0.25, math.nan), "0.2500 to nan"),
        ((math.nan, math.nan), ""),
        ([None, None], ""),
        (None, ""),
    ],
)
def test_an_interval_that_is_not_defined_is_empty(ends: Any, expected: str) -> None:
    assert formatting.format_interval(ends) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.25, "0.2 s"), (75, "1 min 15 s"), (3 * 3600 + 60, "3 h 01 min")]
)
def test_durations(seconds: float, expected: str) -> None:
    assert formatting.duration(seconds) == expected


def test_control_characters_and_lone_surrogates_are_replaced() -> None:
    assert formatting.clean("a\x1b[31m\udce9") == "a\N{REPLACEMENT CHARACTER}[31m?"


def test_a_path_inside_the_working_directory_is_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert formatting.from_here(tmp_path / "runs/a") == "runs/a"
    assert formatting.from_here(tmp_path.parent) == str(tmp_path.parent)
