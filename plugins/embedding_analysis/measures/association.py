"""WEAT: the association of two groups of targets with two groups of attributes.

A. Caliskan, J. Bryson, A. Narayanan, "Semantics derived automatically from language corpora
contain human-like biases", Science 356 (2017). The effect size uses the sample standard
deviation (N - 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.groups import Groups, known
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.seeding import Seeds

LEAST = 2  # least number of words per group


@dataclass(frozen=True)
class WeatTest:
    """Two groups of targets and two of attributes.

    Attributes:
        name: name of the test.
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
    """The result of a test.

    Attributes:
        name: of the test.
        effect: effect size, -2 to 2: association of X with A and Y with B; NaN if a group has fewer
            than two words with vectors.
        p: one-sided: share of partitions of the targets with at least this effect.
        exact: whether all partitions were tested.
        used, all: number of words with vectors, and of all words.
    """

    name: str
    effect: float
    p: float
    exact: bool
    used: int
    all: int


def weat_tests(groups: Groups, path: object) -> list[WeatTest]:
    """Build tests from groups, four for each: X, Y, A, B.

    Raises:
        UsageError: the number of groups is not a multiple of four.
    """
    names = list(groups)
    if len(names) % 4:
        raise UsageError(
            f"{path}: expected four groups per test, targets X and Y, attributes A and B, got "
            f"{len(names)} groups"
        )
    fours = [names[start : start + 4] for start in range(0, len(names), 4)]
    return [
        WeatTest(f"{x}, {y} : {a}, {b}", groups[x], groups[y], groups[a], groups[b])
        for x, y, a, b in fours
    ]


def weat(vectors: KeyedVectors, test: WeatTest, *, permutations: int, seed: int) -> Association:
    """Return effect size and p of a test; exact for at most `permutations` partitions.

    Otherwise so many partitions are drawn, from `seed` and the test's name alone, and p counts the
    observed one among them.
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


# The total is fixed, so the sum over X orders partitions like the difference of means.


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
