"""Score word vectors of any program: analogies and word pairs, counted as gensim counts them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from nntasks.config import Options
from nntasks.errors import UsageError
from nntasks.interfaces.report_data import Table
from nntasks.interfaces.scoring import FoundScores, Scorer, Scores
from nntasks.plugins.embeddings.data import EmbeddingEval
from nntasks.plugins.embeddings.lines import read_lines
from nntasks.plugins.embeddings.metric import QuestionMetric
from nntasks.plugins.embeddings.question_answering import RESTRICT, QuestionAnswerer
from nntasks.plugins.embeddings.questions import (
    Question,
    question_info,
    read_analogies,
    read_pairs,
)
from nntasks.plugins.embeddings.vector_files import read_vectors
from nntasks.report.formatting import format_interval


class ScoreConfig(Options):
    """Options of `score embedding_analysis`."""

    restrict: int = Field(
        RESTRICT,
        ge=1,
        description="number of most frequent words among which analogies are answered",
    )
    method: Literal["cosadd", "cosmul"] = Field(
        "cosadd", description="analogies by 3CosAdd or 3CosMul"
    )
    limit: int | None = Field(None, ge=1, description="words to read from the start of a file")


class VectorScorer(Scorer):
    """Analogy accuracy and rank correlations."""

    Config = ScoreConfig
    inputs = "questions as truth, word vectors as found"

    config: ScoreConfig

    def score(self, task: str, truth: Any, found: Mapping[str, Any]) -> Scores:
        """Answer the questions of a file, or of a folder of the public ones."""
        questions = _questions(truth)
        info = question_info(questions).details
        scored = []
        for name, path in found.items():
            vectors = read_vectors(path, limit=self.config.limit)
            answerer = QuestionAnswerer(
                vectors, restrict=self.config.restrict, method=self.config.method
            )
            metric = QuestionMetric(info.get("sections", ()), info.get("sets", ()))
            ids = [question.id for question in questions]
            expected = [question.expected for question in questions]
            metric.update(answerer.answer(questions), expected, ids)
            ends = {key: list(pair) for key, pair in metric.intervals().items()}
            scored.append(FoundScores(name, {"gensim": metric.compute()}, {"gensim": ends}))
        return Scores(task, scored, [_table(scored, metric.definitions())])


def _questions(path: Any) -> list[Question]:
    if not isinstance(path, Path):
        raise UsageError(f"truth: expected a file of word pairs or analogies, got {path!r:.60}")
    if path.is_dir():
        return EmbeddingEval.questions(path)
    lines = read_lines(path, "questions")
    if any(line.startswith(":") for line in lines):
        return [*read_analogies(path)]
    return [*read_pairs(path)]


def _table(scored: list[FoundScores], definitions: Mapping[str, str]) -> Table:
    rows = [
        (key, *(cell for one in scored for cell in _cells(one, key)), meaning)
        for key, meaning in definitions.items()
    ]
    return Table(
        "questions",
        "Analogies and word pairs",
        ("number", *(cell for one in scored for cell in (one.name, "95 %")), "definition"),
        rows,
    )


def _cells(one: FoundScores, key: str) -> tuple[float, str]:
    """Return a number and its interval as text."""
    return one.conventions["gensim"][key], format_interval(one.intervals["gensim"].get(key))
