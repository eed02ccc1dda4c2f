"""YAML that somebody else wrote."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.storage.yaml_files import MOST_BYTES, parse_yaml, read_yaml

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
WRONG = {
    "a day that does not exist": ("lr: 2001-99-99\n", "holds an invalid value"),
    "a word for a number": ("lr: !!int abc\n", "holds an invalid value"),
    "brackets": ("lr: " + "[" * 5000 + "]" * 5000, "nested too deeply"),
    "fewer brackets": ("lr: " + "[" * 60 + "]" * 60, "nested too deeply"),
    "aliases": (BOMB, "its aliases stand for more than"),
    "an alias of itself": ("a: &a [1, *a]\n", "an alias of what it is part of"),
    "a key twice": ("lr: 1\nepochs: 2\nlr: 3\n", "'lr' stands twice, in lines 1 and 3"),
    "a key twice within": ("data:\n  x: 1\n  x: 2\n", "'x' stands twice, in lines 2 and 3"),
    "an unknown tag": ("a: !!python/object:os.system x\n", "is not YAML"),
    "a tab": ("a:\n\tb: 1\n", "is not YAML"),
    "two documents": ("a: 1\n---\nb: 2\n", "is not YAML"),
    "a mapping as a key": ("? {a: 1}\n: 2\n", "is not YAML"),
    "binary that is none": ("a: !!binary é\n", "is not YAML"),
}


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=WRONG)
def test_it_is_refused_in_one_line(text, says):
    with pytest.raises(UsageError) as error:
        parse_yaml(text, "keys.yaml")
    message = str(error.value)
    assert says in message
    assert "\n" not in message
    assert len(message) < 400


def test_what_is_right_is_read():
    text = "\ufefflr: 1e-3\nlayers: [64, 10]\nbase: &b {x: 1}\nagain: *b\nday: 2001-02-03\n"
    found = parse_yaml(text.removeprefix("\ufeff"), "keys.yaml")
    assert found["layers"] == [64, 10]
    assert found["again"] == {"x": 1}
    assert str(found["day"]) == "2001-02-03"
    assert parse_yaml("", "keys.yaml") is None


def test_a_mark_at_the_beginning_is_no_part_of_the_first_key(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbflr: 1\n")
    assert read_yaml(tmp_path / "a.yaml") == {"lr": 1}


def test_files_that_cannot_be_read_are_named(tmp_path):
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    for name, says in (
        ("none.yaml", "cannot read"),
        ("latin.yaml", "UTF-8"),
        ("large.yaml", "at most 16 MiB"),
    ):
        with pytest.raises(UsageError, match=says):
            read_yaml(tmp_path / name)


def test_open_brackets_are_refused_before_the_scanner_has_read_them_all():
    """2,000 of them took a quarter of a minute; a million end at once."""
    with pytest.raises(UsageError, match="nested too deeply"):
        parse_yaml("names: " + "[" * 1_000_000, "data.yaml")
    assert parse_yaml("[" * 40 + "1" + "]" * 40, "data.yaml")
