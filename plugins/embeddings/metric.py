"""The metric of analogy and word pair questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nntasks.errors import PluginError
from nntasks.interfaces import DataInfo, Metric
from nntasks.plugins.embeddings.correlation import bootstrap_spearman, spearman
from nntasks.plugins.embeddings.question_answering import Answer, is_right
from nntasks.plugins.embeddings.questions import kind_of, parse_id
from nntasks.statistics.proportions import wilson

_KINDS = ("semantic", "syntactic")


class QuestionMetric(Metric):
    """Analogy accuracy and rank correlation of word pairs.

    Args:
        sections: the sections of the analogies; may be empty.
        sets: names of the word pair lists; may be empty.
    """

    def __init__(self, sections: Sequence[str] = (), sets: Sequence[str] = ()) -> None:
        self.sections = tuple(sections)
        self.sets = tuple(sets)
        self.reset()

    def reset(self) -> None:
        self._rows: dict[int | str, tuple[str | float, Answer]] = {}

    def update(self, predictions: Sequence[Any], targets: Any, ids: Sequence[int | str]) -> None:
        """Add answers, expected words or scores, and question ids.

        Raises:
            PluginError: a prediction is not an `Answer`, or a question belongs to no known list.
        """
        for name, target, said in zip(ids, targets, predictions, strict=True):
            kind, group = parse_id(name)
            known = {"analogy": self.sections, "pair": self.sets}.get(kind, ())
            if group not in known:
                raise PluginError(f"question {name!r} belongs to none of the data's lists {known}")
            if not isinstance(said, Answer):
                raise PluginError(f"question {name!r}: expected an Answer, got {type(said)}")
            self._rows[name] = (target, said)

    def merge(self, other: Any) -> None:
        self._rows |= other._rows

    def answers(self, kind: str, groups: Iterable[str]) -> list[tuple[str | float, Answer]]:
        """Return (expected, answer) of the "analogy" or "pair" questions of some groups, by id."""
        wanted = {(kind, group) for group in groups}
        names = sorted((n for n in self._rows if parse_id(n) in wanted), key=str)
        return [self._rows[name] for name in names]

    @property
    def rows(self) -> Mapping[int | str, tuple[str | float, Answer]]:
        """(expected, answer) by the question's id."""
        return self._rows

    def _kinds(self) -> dict[str, list[str]]:
        """Return the sections of each kind, if both kinds occur."""
        kinds = {kind: [s for s in self.sections if kind_of(s) == kind] for kind in _KINDS}
        return kinds if all(kinds.values()) else {}

    def compute(self) -> dict[str, float]:
        numbers: dict[str, float] = {}
        if self.sections:
            rows = self.answers("analogy", self.sections)
            numbers["analogies"] = share_right(rows)
            for kind, sections in self._kinds().items():
                numbers[f"analogies_{kind}"] = share_right(self.answers("analogy", sections))
            numbers["analogies_covered"] = share_covered(rows)
        for name in self.sets:
            rows = self.answers("pair", [name])
            numbers[name] = rank_correlation(rows)
            numbers[f"{name}_covered"] = share_covered(rows)
        return numbers

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return Wilson's intervals of shares, BCa intervals of correlations over the pairs."""
        found: dict[str, tuple[float, float]] = {}
        groups = {"analogies": list(self.sections)} if self.sections else {}
        groups |= {f"analogies_{kind}": sections for kind, sections in self._kinds().items()}
        for name, sections in groups.items():
            said = _right(self.answers("analogy", sections))
            found[name] = wilson(sum(said), len(said))[1:]
        if self.sections:
            found["analogies_covered"] = _covered(self.answers("analogy", self.sections))
        for name in self.sets:
            found[f"{name}_covered"] = _covered(self.answers("pair", [name]))
            found[name] = bootstrap_spearman(*scores_and_cosines(self.answers("pair", [name])))[1:]
        return found

    def definitions(self) -> dict[str, str]:
        sentences: dict[str, str] = {}
        if self.sections:
            sentences["analogies"] = (
                "share of analogies whose predicted word is the expected one, among those whose "
                "four words are in the searched vocabulary"
            )
            for kind in self._kinds():
                named = "begin" if kind == "syntactic" else "do not begin"
                sentences[f"analogies_{kind}"] = (
                    f"`analogies` in the sections whose names {named} with gram"
                )
            sentences["analogies_covered"] = (
                "share of analogies whose four words are in the searched vocabulary"
            )
        for name in self.sets:
            sentences[name] = (
                f"Spearman correlation of cosines and human scores over the pairs of {name} whose "
                "two words have vectors; equal values get their mean rank"
            )
            sentences[f"{name}_covered"] = f"share of pairs of {name} whose two words have vectors"
        return sentences


def share_right(rows: Sequence[tuple[str | float, Answer]]) -> float:
    """Return the accuracy on the covered analogies; NaN if none is covered."""
    said = _right(rows)
    return sum(said) / len(said) if said else float("nan")


def _right(rows: Sequence[tuple[str | float, Answer]]) -> list[bool]:
    """Return for each covered analogy whether its word is the expected one."""
    return [is_right(a.word, str(expected)) for expected, a in rows if a.word is not None]


def share_covered(rows: Sequence[tuple[str | float, Answer]]) -> float:
    """Return the share of covered questions; NaN if there are no questions."""
    return sum(answer.covered for _, answer in rows) / len(rows) if rows else float("nan")


def _covered(rows: Sequence[tuple[str | float, Answer]]) -> tuple[float, float]:
    """Return Wilson's interval of the share of covered questions."""
    return wilson(sum(answer.covered for _, answer in rows), len(rows))[1:]


def scores_and_cosines(
    rows: Sequence[tuple[str | float, Answer]],
) -> tuple[np.ndarray, np.ndarray]:
    """Return human scores and cosines (N,) of the covered pairs."""
    covered = [(float(e), a.cosine) for e, a in rows if a.cosine is not None]
    table = np.array(covered, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def rank_correlation(rows: Sequence[tuple[str | float, Answer]]) -> float:
    """Return Spearman's correlation over the covered pairs."""
    return spearman(*scores_and_cosines(rows))


def build(config: Any, info: DataInfo) -> QuestionMetric:
    """Build the metric for the questions of the data (see `questions.question_info`)."""
    return QuestionMetric(info.details.get("sections", ()), info.details.get("sets", ()))
