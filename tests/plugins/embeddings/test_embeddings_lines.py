"""Lines of a user's text file."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.lines import read_lines


def test_a_mark_and_the_ends_of_lines_are_taken_off(tmp_path):
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfone\r\ntwo\n\nthree")
    assert read_lines(tmp_path / "a", "questions") == ["one", "two", "", "three"]


def test_other_encodings_and_what_is_outside_them(tmp_path):
    (tmp_path / "a").write_bytes(b"caf\xe9\n")
    assert read_lines(tmp_path / "a", "questions", "latin-1") == ["café"]
    assert read_lines(tmp_path / "a", "questions", errors="replace") == ["caf\ufffd"]


@pytest.mark.parametrize(
    ("name", "encoding", "message"),
    [
        ("none", "utf-8", "cannot read questions from .*none: No such file"),
        ("a", "utf-8", "a: expected UTF-8, got another byte at 3"),
        ("a", "UTF8", "a: expected UTF-8, got another byte at 3"),
        ("a", "ascii", "a: expected ascii, got another byte at 3"),
        ("a", "utf-9", "encoding: expected one that Python knows, got 'utf-9'"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, name, encoding, message):
    (tmp_path / "a").write_bytes(b"caf\xe9\n")
    with pytest.raises(UsageError, match=message):
        read_lines(tmp_path / name, "questions", encoding)
