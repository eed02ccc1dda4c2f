"""One analogy taken apart: the candidates, and what each word of the question adds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from pydantic import Field, field_validator

from nntasks.config import Names, Options
from nntasks.plugins.embeddings.keyed.neighbours import largest
from nntasks.plugins.embeddings.vectors import KeyedVectors


class AnalogyOptions(Options):
    """The key `analogy` of `explain`."""

    analogy: Names = Field(
        (), description="two words A,C: what is to C as the word is to A? king analogy=man,woman"
    )

    @field_validator("analogy")
    @classmethod
    def _two_words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if words and len(words) != 2:
            raise ValueError(
                "expected two words A,C beside the word itself, such as king analogy=man,woman"
            )
        return words


@dataclass(frozen=True)
class Candidate:
    """A possible answer.

    Attributes:
        word: the word.
        score: its cosine with b - a + c, each at length 1 (3CosAdd).
        near_b, near_a, near_c: its cosines with the words of the question.
    """

    word: str
    score: float
    near_b: float
    near_a: float
    near_c: float


@dataclass(frozen=True)
class Analogy:
    """The answers to "a is to b as c is to ...".

    Attributes:
        a, b, c: the question.
        candidates: the best answers, without the words of the question.
        by_product: the best answer by 3CosMul (Levy and Goldberg 2014).
        unfiltered: the best word if those of the question were allowed.
        nearest: the nearest word to c alone: the baseline.
    """

    a: str
    b: str
    c: str
    candidates: list[Candidate]
    by_product: str
    unfiltered: str
    nearest: str

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [
            f"{self.a} is to {self.b} as {self.c} is to {self.candidates[0].word}",
            f"  answer       score   cosine with {self.b}, {self.a}, {self.c}",
        ]
        lines += [
            f"  {one.word:<12} {one.score:5.3f}   {one.near_b:+.3f} {one.near_a:+.3f} "
            f"{one.near_c:+.3f}"
            for one in self.candidates
        ]
        lines += [
            f"  by 3CosMul: {self.by_product}; nearest to {self.c} alone: {self.nearest}",
            f"  with the words of the question allowed: {self.unfiltered}",
        ]
        return "\n".join(lines)


def analogy(vectors: KeyedVectors, question: tuple[str, str, str], topn: int) -> Analogy:
    """Answer "a is to b as c is to ...", with the cosines behind the answer.

    Args:
        vectors: of all words.
        question: a, b and c.
        topn: number of candidates.

    Raises:
        UsageError: a word has no vector.
    """
    places = [vectors.index(word) for word in question]
    unit = vectors.unit
    near_a, near_b, near_c = (unit @ unit[place] for place in places)
    length = float(np.linalg.norm(unit[places[1]] - unit[places[0]] + unit[places[2]]))
    scores = (near_b - near_a + near_c) / length
    allowed = np.ones(len(unit), dtype=bool)
    allowed[places] = False
    best = largest(np.where(allowed, scores, -np.inf), min(topn, int(allowed.sum())))
    # cosines moved to 0..1, as 3CosMul needs positive factors
    product = ((near_b + 1) / 2) * ((near_c + 1) / 2) / ((near_a + 1) / 2 + 1e-6)
    candidates = [
        Candidate(vectors.words[i], *(float(n[i]) for n in (scores, near_b, near_a, near_c)))
        for i in best.tolist()
    ]
    alone = np.where(np.arange(len(unit)) == places[2], -np.inf, near_c)
    return Analogy(
        *question,
        candidates,
        vectors.words[int(np.where(allowed, product, -np.inf).argmax())],
        vectors.words[int(scores.argmax())],
        vectors.words[int(alone.argmax())],
    )
