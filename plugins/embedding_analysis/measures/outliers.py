"""Outlier detection: which word does not belong to a group.

J. Camacho-Collados, R. Navigli, "Find the word that does not belong", RepEval 2016: eight words
that belong together, with each of eight outliers in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.groups import Groups, known, read_groups
from nntasks.plugins.embeddings.vectors import KeyedVectors

SIZE = 8
_LEAST = 3  # least number of words in a group
_BAR = "|"


@dataclass(frozen=True)
class OutlierTest:
    """Words that belong together, and outliers."""

    name: str
    members: Sequence[str]
    outliers: Sequence[str]


@dataclass(frozen=True)
class OutlierResult:
    """The result of one test.

    Attributes:
        name: name of the group.
        asked: number of outliers with a vector, each tested once.
        accuracy: share of the outliers that were found.
        position: mean rank of the outlier by similarity, 0 (most similar) to 1 (least).
        missed: (outlier, the word chosen instead).
        absent: words of the test without a vector.
    """

    name: str
    asked: int
    accuracy: float
    position: float
    missed: list[tuple[str, str]]
    absent: int


def read_tests(path: Path) -> list[OutlierTest]:
    """Read lines `name: words that belong | words that do not`.

    Raises:
        UsageError: a line is malformed.
    """
    tests = []
    for name, words in read_groups(path).items():
        if words.count(_BAR) != 1 or words.index(_BAR) < 2 or words[-1] == _BAR:
            raise UsageError(
                f"{path}, {name!r}: expected at least two words, ` {_BAR} ` and outliers, got "
                f"{' '.join(words)[:60]!r}"
            )
        bar = words.index(_BAR)
        tests.append(OutlierTest(name, words[:bar], words[bar + 1 :]))
    return tests


def outlier_tests(groups: Groups) -> list[OutlierTest]:
    """Make a test of each group: its first words, with one outlier from each following group."""
    names = [name for name, words in groups.items() if len(words) >= _LEAST]
    tests = []
    for place, name in enumerate(names):
        others = names[place + 1 :] + names[:place]
        rows = [groups[other][i] for i in range(SIZE) for other in others if i < len(groups[other])]
        outliers = [word for word in dict.fromkeys(rows) if word not in groups[name]][:SIZE]
        if outliers:
            tests.append(OutlierTest(name, groups[name][:SIZE], outliers))
    return tests


def detect(vectors: KeyedVectors, test: OutlierTest) -> OutlierResult:
    """Search for each outlier among the members.

    The word with the lowest mean cosine to the others is chosen. For unit vectors this is the word
    farthest from the mean of all, as in `KeyedVectors.doesnt_match`.
    """
    there = known({"members": test.members, "outliers": test.outliers}, vectors)
    members, outliers = there.get("members", []), there.get("outliers", [])
    absent = len(test.members) + len(test.outliers) - len(members) - len(outliers)
    if len(members) < 2 or not outliers:
        return OutlierResult(test.name, 0, float("nan"), float("nan"), [], absent)
    missed, positions = [], []
    for outlier in outliers:
        words = [*members, outlier]
        unit = vectors.unit[[vectors.index(word) for word in words]].astype(np.float64)
        similarity = unit @ unit.mean(axis=0)
        positions.append((similarity[:-1] > similarity[-1]).sum() / len(members))
        if (chosen := vectors.doesnt_match(words)) != outlier:
            missed.append((outlier, chosen))
    return OutlierResult(
        test.name,
        len(outliers),
        1 - len(missed) / len(outliers),
        float(np.mean(positions)),
        missed,
        absent,
    )
