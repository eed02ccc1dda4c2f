"""Checks shared by the readers and writers of vector files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.keyed.storage import Storage

LONGEST_HEADER = 64  # bytes
_MOST = 2**31  # largest plausible number of words or dimensions in a header


def read_header(line: bytes, path: Path) -> tuple[int, int]:
    """Return the number of words and dimensions from the first line `V D` of a word2vec file.

    Raises:
        UsageError: the line is malformed.
    """
    parts = line.split()
    try:
        words, dim = (int(part) for part in parts)
    except ValueError:
        words, dim = 0, 0
    if not (0 < words < _MOST and 0 < dim < _MOST):
        shown = line[:40].decode("utf-8", "replace").rstrip()
        raise UsageError(
            f"{path}: expected a first line of two numbers, how many words and how many numbers "
            f"in a vector, got {shown!r}"
        )
    return words, dim


def check_words(words: Sequence[str], path: Path) -> None:
    """Refuse duplicate words."""
    if len(set(words)) == len(words):
        return
    seen: dict[str, int] = {}
    for place, word in enumerate(words, start=1):
        if word in seen:
            raise UsageError(
                f"{path}: expected different words, but {word!r} comes as number {seen[word]} "
                f"and {place}"
            )
        seen[word] = place


def check_finite(matrix: np.ndarray, words: Sequence[str], path: Path) -> None:
    """Refuse vectors with values that are not finite."""
    wrong = np.flatnonzero(~np.isfinite(matrix).all(axis=1))
    if len(wrong):
        raise UsageError(
            f"{path}: the vector of word {wrong[0] + 1}, {words[wrong[0]]!r}, holds numbers that "
            "are not finite"
        )


def check_writable(vectors: Storage, forbidden: str, path: Path) -> None:
    """Refuse words that a format cannot store: empty, or with a `forbidden` character.

    Half of a surrogate pair has no UTF-8, in no format.
    """
    for word in map(str, vectors.words):
        if any("\ud800" <= sign <= "\udfff" for sign in word):
            raise UsageError(
                f"{path}: expected words of whole characters, got {word!r}, which holds half of "
                "one (a surrogate); read the text with the right encoding"
            )
        if not word or any(sign in word for sign in forbidden):
            raise UsageError(
                f"{path}: this format cannot store the word {word!r}; write .safetensors instead, "
                "or change the word"
            )
