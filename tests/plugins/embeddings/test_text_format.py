"""The text format: headers, words with spaces, limits, what is written."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.reading import Reading
from nntasks.plugins.embeddings.text_format import read, write
from nntasks.plugins.embeddings.vectors import KeyedVectors


def found(tmp_path, content, **options):
    (tmp_path / "v").write_bytes(content)
    vectors = read(tmp_path / "v", Reading(**options))
    return dict(zip(vectors.words, np.asarray(vectors.matrix).tolist(), strict=True))


@pytest.mark.parametrize(
    "content",
    [b"2 2\na 1 2\nb c 3 4\n", b"a 1 2\nb c 3 4", b"\xef\xbb\xbfa\t1\t2\n\nb  c 3 4 \r\n"],
    ids=["header", "none", "a mark, tabs, blanks"],
)
def test_words_and_their_numbers(tmp_path, content):
    assert found(tmp_path, content) == {"a": [1, 2], "b c": [3, 4]}


def test_a_first_line_of_two_numbers_may_be_a_word(tmp_path):
    assert found(tmp_path, b"7 5\n8 6\n") == {"7": [5], "8": [6]}  # one dimension, no header
    assert found(tmp_path, b"2 1\n8 6\n9 7\n") == {"8": [6], "9": [7]}  # a header of one dimension


def test_unicode_spaces_belong_to_words(tmp_path):
    assert found(tmp_path, "a\u00a0b 1 2\nx\u2028y 3 4\n".encode()) == {
        "a\u00a0b": [1, 2],
        "x\u2028y": [3, 4],
    }


def test_beyond_the_limit_nothing_is_looked_at(tmp_path):
    assert found(tmp_path, b"9 2\na 1 2\nb 3 4\nbroken\n", limit=2) == {"a": [1, 2], "b": [3, 4]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n \n", "expected a first line of two numbers|expected a word and its numbers"),
        (b"3 2\na 1 2\n", "ends early: expected 3 words, as the first line says, got 1"),
        (b"1 2\na 1 2\nb 1 2\n", "expected 1 words, as the first line says, got more"),
        (b"2 2\na 1 2\nb 3 x\n", "line 3: expected a word and 2 numbers, got 'b 3 x'"),
        (b"2 2\na 1 2\n3 4\n", "line 3: expected a word and 2 numbers, got '3 4'"),
        (b"a 1 nan\n", "the vector of word 1, 'a', holds numbers that are not finite"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path, content, message):
    with pytest.raises(UsageError, match=message):
        found(tmp_path, content)


class TestWrite:
    VECTORS = KeyedVectors.of(["a", "é"], np.array([[1, 1 / 3], [-1e-30, 7]], np.float32))

    def test_nine_digits_keep_every_bit(self, tmp_path):
        write(self.VECTORS, tmp_path / "v.txt")
        lines = (tmp_path / "v.txt").read_text(encoding="utf-8").splitlines()
        assert lines == ["2 2", "a 1 0.333333343", "é -1.00000000e-30 7".replace(".00000000", "")]
        back = read(tmp_path / "v.txt", Reading())
        assert np.array_equal(np.asarray(back.matrix), self.VECTORS.matrix)

    def test_without_a_header_as_gloves_files(self, tmp_path):
        write(self.VECTORS, tmp_path / "v.txt", header=False)
        assert (tmp_path / "v.txt").read_text(encoding="utf-8").startswith("a 1 ")
        assert read(tmp_path / "v.txt", Reading()).words == ["a", "é"]

    def test_packed_the_bytes_do_not_hang_on_the_clock(self, tmp_path):
        write(self.VECTORS, tmp_path / "v.txt")
        for name in ("one.gz", "two.gz"):
            write(self.VECTORS, tmp_path / name)
            assert (
                gzip.decompress((tmp_path / name).read_bytes()) == (tmp_path / "v.txt").read_bytes()
            )
        assert (tmp_path / "one.gz").read_bytes()[4:8] == bytes(4)

    def test_a_word_with_a_space_is_refused_and_nothing_is_left(self, tmp_path):
        vectors = KeyedVectors.of(["a b"], np.ones((1, 2), np.float32))
        with pytest.raises(UsageError, match="cannot store the word 'a b'"):
            write(vectors, tmp_path / "v.txt")
        assert list(tmp_path.iterdir()) == []
