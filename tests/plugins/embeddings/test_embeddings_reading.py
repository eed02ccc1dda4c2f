"""Options of reading words: limit, encoding, words that come again."""

from __future__ import annotations

from pathlib import Path

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.reading import Reading, kept_words

PATH = Path("v.txt")


def test_a_limit_is_no_more_than_there_is():
    assert [Reading(limit=limit).count(5) for limit in (None, 3, 9)] == [5, 3, 5]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-le", "cp037", "rot13", "none such"])
def test_an_encoding_without_ascii_is_refused(encoding):
    with pytest.raises(UsageError, match=f"encoding: expected one that holds .* got '{encoding}'"):
        Reading(encoding=encoding)


class TestDecode:
    def test_in_the_encoding_asked(self):
        assert Reading().decode("é".encode(), PATH, 1) == "é"
        assert Reading(encoding="latin-1").decode(b"\xe9", PATH, 1) == "é"
        assert Reading(errors="replace").decode(b"a\xe9", PATH, 1) == "a\ufffd"
        assert Reading(errors="ignore").decode(b"\xe9", PATH, 1) == ""

    def test_what_is_not_utf8_is_one_line_with_what_to_give(self):
        with pytest.raises(UsageError) as caught:
            Reading().decode(b"caf\xe9", PATH, 7)
        assert str(caught.value) == (
            r"v.txt: expected UTF-8, but word 7 is b'caf\xe9' (byte 3); give encoding=latin-1 or "
            "what it is, or errors=replace or errors=ignore"
        )

    def test_what_is_not_in_another_encoding(self):
        with pytest.raises(UsageError, match=r"word 2, b'\\x81', is not in cp1252"):
            Reading(encoding="cp1252").decode(b"\x81", PATH, 2)


class TestKeptWords:
    def test_where_all_differ_nothing_is_chosen(self, caplog):
        assert kept_words(["a", "b", "A"], PATH) is None
        assert caplog.messages == []

    def test_the_first_of_equal_words_is_kept_in_order(self, caplog):
        assert kept_words(["b", "a", "b", "c", "a"], PATH).tolist() == [0, 1, 3]
        assert caplog.messages == [
            "v.txt: 2 words come again ('b', 'a'); the first vector of each is kept"
        ]

    def test_three_are_named_and_the_others_counted(self, caplog):
        kept_words([*"abcd", *"abcd"], PATH)
        assert "4 words come again ('a', 'b', 'c', ...)" in caplog.text

    def test_words_of_which_nothing_is_left_are_dropped(self, caplog):
        assert kept_words(["", "a", ""], PATH).tolist() == [1]
        assert caplog.messages == ["v.txt: 2 words of which nothing could be read are left out"]
