"""The binary format: rows of any place, line feeds or none, mapped files, what is cut off."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.binary_format import MappedRows, read, write
from nntasks.plugins.embeddings.reading import Reading
from nntasks.plugins.embeddings.vectors import KeyedVectors

ROWS = np.array([[1, 2], [3, -4], [0.5, 1e30]], "<f4")
WORDS = ["a", "北京", "c\u00a0d"]


def content(end=b"\n", count=3):
    parts = [f"{count} 2\n".encode()]
    parts += [w.encode() + b" " + row.tobytes() + end for w, row in zip(WORDS, ROWS, strict=True)]
    return b"".join(parts)


@pytest.mark.parametrize("memory_map", [False, True])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("end", [b"", b"\n"], ids=["as gensim", "as word2vec"])
def test_rows_with_and_without_line_feeds(tmp_path, end, pack, memory_map):
    (tmp_path / "v").write_bytes(pack(content(end)))
    vectors = read(tmp_path / "v", Reading(), memory_map=memory_map)
    assert vectors.words == WORDS
    assert np.array_equal(np.asarray(vectors.matrix), ROWS)


class TestMappedRows:
    ROWS = MappedRows(
        np.frombuffer(b"??" + ROWS[1].tobytes() + b"?" + ROWS[0].tobytes(), np.uint8),
        np.array([11, 2]),
        2,
    )

    def test_rows_stand_anywhere_in_the_bytes(self):
        assert self.ROWS[0].tolist() == [1, 2]
        assert self.ROWS[-1].tolist() == [3, -4]
        assert self.ROWS[np.array([1, 0, 1])].tolist() == [[3, -4], [1, 2], [3, -4]]
        assert self.ROWS[np.array([], int)].shape == (0, 2)

    def test_a_slice_stays_mapped(self):
        part = self.ROWS[1:]
        assert isinstance(part, MappedRows)
        assert (len(part), part.shape) == (1, (1, 2))
        assert np.asarray(part, dtype=np.float64).tolist() == [[3, -4]]
        assert np.asarray(part, dtype=np.float64).dtype == np.float64


def test_a_limit_keeps_the_first_words(tmp_path):
    for packed in (content(), gzip.compress(content())):
        (tmp_path / "v").write_bytes(packed)
        assert read(tmp_path / "v", Reading(limit=2)).words == WORDS[:2]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            content()[:-2],
            "ends early: expected 3 words of 2 numbers, as the first line says, got 2",
        ),
        (content(count=4), "ends early: expected 4 words of 2 numbers, .* got 3"),
        (content(count=2), "expected 2 words of 2 numbers, as the first line says, got more: "),
        (b"1 2\n" + b"x" * 5000, "expected word 1 and a space behind it, found none"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path, data, message):
    (tmp_path / "v").write_bytes(data)
    for memory_map in (False, True):
        with pytest.raises(UsageError, match=message):
            read(tmp_path / "v", Reading(), memory_map=memory_map)


def test_numbers_that_are_not_finite_are_refused_unless_the_file_is_mapped(tmp_path):
    (tmp_path / "v").write_bytes(b"1 1\na " + np.array([np.nan], "<f4").tobytes())
    with pytest.raises(UsageError, match="word 1, 'a', holds numbers that are not finite"):
        read(tmp_path / "v", Reading())
    assert read(tmp_path / "v", Reading(), memory_map=True).words == ["a"]


def test_written_as_the_original_tool_writes(tmp_path):
    vectors = KeyedVectors.of(WORDS, ROWS)
    write(vectors, tmp_path / "v.bin")
    assert (tmp_path / "v.bin").read_bytes() == content()
    write(vectors, tmp_path / "v.bin", header=False)
    assert (tmp_path / "v.bin").read_bytes() == content().partition(b"\n")[2]


def test_a_word_with_a_line_feed_is_refused_and_nothing_is_left(tmp_path):
    with pytest.raises(UsageError, match="cannot store the word"):
        write(KeyedVectors.of(["a\nb"], ROWS[:1]), tmp_path / "v.bin")
    assert list(tmp_path.iterdir()) == []
