"""WEAT: with which of two groups of attributes two groups of targets go.

A. Caliskan, J. Bryson, A. Narayanan, "Semantics derived automatically from language corpora
contain human-like biases", Science 356 (2017). The deviation in the effect size is that of a
sample (N - 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.groups import Groups, known
from nntasks.plugins.embeddings.vectors import WordVectors
from nntasks.seeding import Seeds

LEAST = 2  # words of each group without which there is no test


@dataclass(frozen=True)
class WeatTest:
    """Two groups of targets and two of attributes.

    Attributes:
        name: what is asked.
        x, y: targets.
        a, b: attributes.
    """

    name: str
    x: Sequence[str]
    y: Sequence[str]
    a: Sequence[str]
    b: Sequence[str]


@dataclass(frozen=True)
class Association:
    """What a test found.

    Attributes:
        name: of the test.
        effect: -2 to 2: how far X goes with A and Y with B, in deviations; NaN where a group has
            fewer than two words with vectors.
        p: one-sided: share of divisions of the targets that part them at least as far.
        exact: whether all divisions were looked at.
        used, all: words with vectors, and words.
    """

    name: str
    effect: float
    p: float
    exact: bool
    used: int
    all: int


def weat_tests(groups: Groups, path: object) -> list[WeatTest]:
    """Take four groups each, X, Y, A, B, for a test.

    Raises:
        UsageError: their number is no multiple of four.
    """
    names = list(groups)
    if len(names) % 4:
        raise UsageError(
            f"{path}: expected four groups a test, targets X and Y, attributes A and B, got "
            f"{len(names)} groups"
        )
    fours = [names[start : start + 4] for start in range(0, len(names), 4)]
    return [
        WeatTest(f"{x}, {y} : {a}, {b}", groups[x], groups[y], groups[a], groups[b])
        for x, y, a, b in fours
    ]


def weat(vectors: WordVectors, test: WeatTest, *, permutations: int, seed: int) -> Association:
    """Return effect size and p of a test; exact where there are at most `permutations` divisions.

    Otherwise so many are drawn, from `seed` and the test's name alone, and p counts the division
    that was found among them.
    """
    given = {"x": test.x, "y": test.y, "a": test.a, "b": test.b}
    there = known(given, vectors)
    total = sum(map(len, given.values()))
    used = sum(map(len, there.values()))
    if len(there) < 4 or min(map(len, there.values())) < LEAST:
        nan = float("nan")
        return Association(test.name, nan, nan, False, used, total)
    x, y, a, b = (
        vectors.unit[[vectors.index(word) for word in there[key]]].astype(np.float64)
        for key in "xyab"
    )
    targets = np.concatenate([x, y])
    scores = (targets @ a.T).mean(axis=1) - (targets @ b.T).mean(axis=1)
    deviation = float(scores.std(ddof=1))
    difference = float(scores[: len(x)].mean() - scores[len(x) :].mean())
    effect = difference / deviation if deviation else 0.0
    exact = comb(len(scores), len(x)) <= permutations
    p = (
        _exact_p(scores, len(x))
        if exact
        else _drawn_p(scores, len(x), permutations, Seeds(seed).numpy(f"weat {test.name}"))
    )
    return Association(test.name, effect, p, exact, used, total)


# The sum of X alone orders divisions as the difference of the means does: the whole is fixed.


def _exact_p(scores: np.ndarray, size: int) -> float:
    found = scores[:size].sum()
    rows = np.array(list(combinations(range(len(scores)), size)))
    return float((scores[rows].sum(axis=1) >= found - 1e-12).mean())


def _drawn_p(scores: np.ndarray, size: int, count: int, rng: np.random.Generator) -> float:
    found, reached, left = scores[:size].sum(), 1, count
    while left:
        part = min(left, 4096)
        rows = rng.permuted(np.tile(scores, (part, 1)), axis=1)[:, :size]
        reached += int((rows.sum(axis=1) >= found - 1e-12).sum())
        left -= part
    return reached / (count + 1)
