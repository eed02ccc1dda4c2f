"""Paths from files that another system may have written."""

from __future__ import annotations

from pathlib import Path

import pytest

from nntasks.plugins.yolo_detect.data.written_paths import find_written, path_hint


def test_the_first_base_that_has_it(tmp_path):
    bases = [tmp_path / name for name in ("one", "two", "three")]
    for base in bases[1:]:
        base.mkdir()
        (base / "a.png").touch()
    assert find_written("a.png", bases) == bases[1] / "a.png"
    assert find_written("b.png", bases) is None
    assert find_written("a.png", []) is None


def test_backslashes_are_slashes_unless_a_name_has_one(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").touch()
    assert find_written("images\\a.png", [tmp_path]) == tmp_path / "images" / "a.png"
    (tmp_path / "images\\a.png").touch()
    assert find_written("images\\a.png", [tmp_path]) == tmp_path / "images\\a.png"


def test_the_spelling_comes_before_the_base(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    (first / "x").mkdir(parents=True)
    (first / "x" / "a").touch()
    second.mkdir()
    (second / "x\\a").touch()
    assert find_written("x\\a", [first, second]) == second / "x\\a"


def test_a_folder_is_no_file_where_a_file_is_wanted(tmp_path):
    (tmp_path / "a").mkdir()
    assert find_written("a", [tmp_path]) == tmp_path / "a"
    assert find_written("a", [tmp_path], Path.is_file) is None


@pytest.mark.parametrize("text", ["a\0b", "x" * 5000])
def test_a_name_that_no_file_can_have_is_not_there(tmp_path, text):
    assert find_written(text, [tmp_path]) is None


def test_hints_name_what_may_be_wrong():
    assert path_hint("images/a.png") == ""
    assert "backslashes were tried as slashes" in path_hint("images\\a.png")
    assert "control character, write forward slashes" in path_hint("images\new")
