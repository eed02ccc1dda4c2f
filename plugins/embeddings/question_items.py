"""The answers of a run: its metric, and one row per question."""

from __future__ import annotations

from typing import Any

from nntasks.interfaces import Outcome
from nntasks.plugins.embeddings.metric import QuestionMetric
from nntasks.plugins.embeddings.question_answering import is_right
from nntasks.plugins.embeddings.questions import parse_id


def metric_of(outcome: Outcome) -> QuestionMetric | None:
    """Return the question metric of a run, or None if it has another."""
    found = (m for m in outcome.metrics.values() if isinstance(m, QuestionMetric))
    return next(found, None)


def items(metric: QuestionMetric) -> list[dict[str, Any]]:
    """Return one row per question: wrong analogies first, then correct ones, then pairs."""
    rows = []
    for name, (expected, said) in metric.rows.items():
        kind, group = parse_id(name)
        answer = said.word if kind == "analogy" else said.cosine
        right = is_right(said.word, str(expected)) if said.word is not None else None
        rows.append(
            {
                "id": name,
                "kind": kind,
                "group": group,
                "expected": expected,
                "answer": answer,
                "right": right,
            }
        )
    order = {False: 0, True: 1, None: 2}
    return sorted(rows, key=lambda row: (row["kind"], order[row["right"]], row["id"]))
