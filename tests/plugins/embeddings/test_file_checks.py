"""Checks of vector files: the first line, equal words, numbers, words a format cannot hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.file_checks import (
    check_finite,
    check_words,
    check_writable,
    read_header,
)
from nntasks.plugins.embeddings.vectors import KeyedVectors

PATH = Path("v.bin")


@pytest.mark.parametrize("line", [b"71290 200\n", b" 71290\t200 \r\n", b"71290 200"])
def test_a_header_has_words_and_dimensions(line):
    assert read_header(line, PATH) == (71290, 200)


@pytest.mark.parametrize(
    "line", [b"", b"2\n", b"2 3 4\n", b"two 3\n", b"0 3\n", b"3 -1\n", b"2147483648 3\n", b"\xff 1"]
)
def test_another_first_line_is_refused_and_shown(line):
    shown = line[:40].decode("utf-8", "replace").rstrip()
    with pytest.raises(UsageError) as caught:
        read_header(line, PATH)
    assert str(caught.value).startswith("v.bin: expected a first line of two numbers")
    assert str(caught.value).endswith(f"got {shown!r}")


def test_the_first_word_that_comes_again_is_named_with_both_places():
    check_words(["a", "b", "A"], PATH)
    with pytest.raises(UsageError, match="but 'b' comes as number 2 and 4"):
        check_words(["a", "b", "c", "b", "a"], PATH)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_the_first_vector_that_is_not_finite_is_named(number):
    matrix = np.ones((3, 2), np.float32)
    check_finite(matrix, ["a", "b", "c"], PATH)
    matrix[1, 1] = matrix[2, 0] = number
    with pytest.raises(UsageError, match=r"v\.bin: the vector of word 2, 'b', holds numbers"):
        check_finite(matrix, ["a", "b", "c"], PATH)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("", "cannot store the word ''"),
        ("two words", "cannot store the word 'two words'; write .safetensors instead"),
        ("half \ud800", "holds half of one .a surrogate."),
    ],
)
def test_words_that_a_format_cannot_hold(word, message):
    vectors = KeyedVectors.of(["a", word], np.ones((2, 1), np.float32))
    with pytest.raises(UsageError, match=message):
        check_writable(vectors, " \n", PATH)


def test_what_is_not_forbidden_is_written():
    check_writable(KeyedVectors.of(["a b", "🙂"], np.ones((2, 1), np.float32)), "\0", PATH)
