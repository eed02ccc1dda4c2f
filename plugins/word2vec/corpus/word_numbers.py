"""The words of sentences in memory as numbers, in Python; csrc/host/word_numbers.h is faster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class WordNumbers:
    """Numbers words in order of occurrence.

    Args:
        words: different words that have numbers from 0 on.
        grows: give an unknown word the next number; otherwise it is -1.
    """

    def __init__(self, words: Sequence[str], grows: bool) -> None:
        self._numbers = {word: number for number, word in enumerate(words)}
        self._grows = grows

    def __len__(self) -> int:
        return len(self._numbers)

    def words(self) -> list[str]:
        """Return the words by number."""
        return list(self._numbers)

    def encode(self, sentences: Sequence[Any]) -> tuple[np.ndarray, np.ndarray, Any, Any]:
        """Return the words of sentences as numbers.

        Returns:
            (n,) int32 numbers; (s + 1,) int64 from 0, where sentences begin and the last ends; the
            sentence that is no list of words, or None; the word that is no text, or None. The
            numbers reach up to that.
        """
        numbers: list[int] = []
        bounds = [0]
        for sentence in sentences:
            if isinstance(sentence, (str, bytes)) or not hasattr(sentence, "__len__"):
                return *_arrays(numbers, bounds), sentence, None
            for word in sentence:
                if not isinstance(word, str):
                    return *_arrays(numbers, bounds), None, word
                numbers.append(self._number(word))
            bounds.append(len(numbers))
        return *_arrays(numbers, bounds), None, None

    def _number(self, word: str) -> int:
        if self._grows:
            return self._numbers.setdefault(word, len(self._numbers))
        return self._numbers.get(word, -1)


def _arrays(numbers: list[int], bounds: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(numbers, np.int32), np.array(bounds, np.int64)
