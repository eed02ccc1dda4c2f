"""The answers of a run: which metric has them, and a row per question."""

from __future__ import annotations

from nntasks.interfaces import Outcome
from nntasks.plugins.embeddings.metric import QuestionMetric
from nntasks.plugins.embeddings.question_answering import Answer
from nntasks.plugins.embeddings.question_items import items, metric_of


def answered():
    metric = QuestionMetric(["s"], ["p"])
    said = {
        "analogy/s/1": ("x", Answer(word="X")),
        "analogy/s/2": ("x", Answer()),
        "analogy/s/3": ("x", Answer(word="y")),
        "analogy/s/4": ("x", Answer(word="z")),
        "pair/p/1": (3.0, Answer(cosine=0.25)),
        "pair/p/2": (1.0, Answer()),
    }
    metric.update([a for _, a in said.values()], [t for t, _ in said.values()], list(said))
    return metric


def test_wrong_analogies_come_first_then_right_ones_then_those_without_an_answer():
    rows = items(answered())
    assert [(row["id"], row["answer"], row["right"]) for row in rows] == [
        ("analogy/s/3", "y", False),
        ("analogy/s/4", "z", False),
        ("analogy/s/1", "X", True),
        ("analogy/s/2", None, None),
        ("pair/p/1", 0.25, None),
        ("pair/p/2", None, None),
    ]
    assert (rows[0]["kind"], rows[0]["group"], rows[0]["expected"]) == ("analogy", "s", "x")
    assert (rows[4]["kind"], rows[4]["group"], rows[4]["expected"]) == ("pair", "p", 3.0)


def test_the_metric_of_a_run_is_the_one_of_questions():
    metric = answered()
    metrics = {"other": object(), "mine": metric}
    assert metric_of(Outcome(metrics, {}, None, (), None)) is metric
    assert metric_of(Outcome({"other": object()}, {}, None, (), None)) is None
