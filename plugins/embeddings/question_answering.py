"""Answers analogy and word pair questions in batches.

The conventions are the defaults of gensim's `evaluate_word_analogies` and `evaluate_word_pairs`, so
that results are comparable. Words match regardless of case, and the most frequent spelling is used.
Questions with a word without a vector are left out. Analogies use only the `restrict` most frequent
words, also for the words of the question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from nntasks.plugins.embeddings.keyed.neighbours import SMALL
from nntasks.plugins.embeddings.keyed.storage import Storage
from nntasks.plugins.embeddings.questions import Analogy, Question

Method = Literal["cosadd", "cosmul"]
RESTRICT = 30_000
_CELLS = 1 << 22  # similarities computed at a time: 16 MiB


@dataclass(frozen=True)
class Answer:
    """The answer to one question; both fields are None if one of its words has no vector.

    Attributes:
        word: the predicted word of an analogy.
        cosine: the cosine of the words of a pair.
    """

    word: str | None = None
    cosine: float | None = None

    @property
    def covered(self) -> bool:
        """Whether all words of the question have a vector."""
        return self.word is not None or self.cosine is not None


class Spellings:
    """Words by their upper-case form; the most frequent spelling represents all.

    Args:
        words: the words, the most frequent first.
        any_case: whether words match regardless of case; if not, each stands for itself.
    """

    def __init__(self, words: Sequence[str], any_case: bool = True) -> None:
        self._form = str.upper if any_case else str
        self._places: dict[str, int] = {}
        self._others: dict[int, list[int]] = {}
        for place, word in enumerate(words):
            first = self._places.setdefault(self._form(word), place)
            if first != place:
                self._others.setdefault(first, []).append(place)

    def find(self, words: Sequence[str]) -> list[int] | None:
        """Return the places of all words, or None if one is missing."""
        places = [self._places.get(self._form(word), -1) for word in words]
        return None if -1 in places else places

    def all_of(self, place: int) -> list[int]:
        """Return the places of all spellings of the word at `place`, its first spelling."""
        return [place, *self._others.get(place, ())]


class QuestionAnswerer:
    """Answers questions from one set of vectors; the prepared lookups serve every batch.

    Args:
        vectors: the word vectors.
        restrict: number of most frequent words among which analogies are answered.
        method: `cosadd` (3CosAdd) or `cosmul` (3CosMul).
        any_case: whether words match regardless of case.
    """

    def __init__(
        self,
        vectors: Storage,
        *,
        restrict: int = RESTRICT,
        method: Method = "cosadd",
        any_case: bool = True,
    ) -> None:
        self.vectors = vectors
        self._any_case = any_case
        self.method = method
        self._among = vectors.first(restrict)

    @cached_property
    def _spellings(self) -> Spellings:
        return Spellings(self.vectors.words, self._any_case)

    @cached_property
    def _spellings_among(self) -> Spellings:
        return Spellings(self._among.words, self._any_case)

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question, in order."""
        answers = [Answer()] * len(questions)
        analogies, rows, pairs, ends = [], [], [], []
        for place, question in enumerate(questions):
            if isinstance(question, Analogy):
                words = (question.a, question.b, question.c, question.d)
                if (found := self._spellings_among.find(words)) is not None:
                    analogies.append(place)
                    rows.append(found[:3])
            elif (found := self._spellings.find((question.first, question.second))) is not None:
                pairs.append(place)
                ends.append(found)
        for place, word in zip(analogies, self._predict(np.array(rows)), strict=True):
            answers[place] = Answer(word=word)
        for place, cosine in zip(pairs, self._cosines(np.array(ends)), strict=True):
            answers[place] = Answer(cosine=cosine)
        return answers

    def _predict(self, rows: np.ndarray) -> list[str]:
        """Return the predicted word for each row (N, 3) of a, b, c."""
        words: list[str] = []
        size = max(1, _CELLS // max(len(self._among), 1))
        for start in range(0, len(rows), size):
            chunk = rows[start : start + size]
            scores = self._added(chunk) if self.method == "cosadd" else self._multiplied(chunk)
            for number, given in enumerate(chunk.tolist()):
                for place in given:
                    scores[number, self._spellings_among.all_of(place)] = -np.inf
            words += [self._among.words[place] for place in scores.argmax(axis=1)]
        return words

    def _added(self, rows: np.ndarray) -> np.ndarray:
        """Return the dot products (N, V) with b - a + c, which need no normalisation to rank."""
        unit = self._among.unit
        a, b, c = (unit[rows[:, i]] for i in range(3))
        return (b - a + c) @ unit.T

    def _multiplied(self, rows: np.ndarray) -> np.ndarray:
        unit = self._among.unit
        places, where = np.unique(rows, return_inverse=True)
        near = (1 + unit[places] @ unit.T) / 2
        a, b, c = (near[where.reshape(rows.shape)[:, i]] for i in range(3))
        b *= c
        a += np.float32(SMALL)
        b /= a
        return b

    def _cosines(self, ends: np.ndarray) -> list[float]:
        """Return the cosine for each row (N, 2) of two words; 0 where a vector is zero."""
        if not len(ends):
            return []
        a, b = (
            np.stack([self.vectors.matrix[place] for place in column]).astype(np.float64)
            for column in ends.T.tolist()
        )
        lengths = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
        dots = (a * b).sum(axis=1)
        cosines = np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths > 0)
        return [float(cosine) for cosine in np.clip(cosines, -1, 1)]


def answer(
    vectors: Storage,
    questions: Sequence[Question],
    *,
    restrict: int = RESTRICT,
    method: Method = "cosadd",
    any_case: bool = True,
) -> list[Answer]:
    """Return one answer per question (see `QuestionAnswerer`)."""
    answerer = QuestionAnswerer(vectors, restrict=restrict, method=method, any_case=any_case)
    return answerer.answer(questions)


def is_right(said: str, expected: str) -> bool:
    """Whether a predicted word is the expected one, regardless of case."""
    return said.upper() == expected.upper()
