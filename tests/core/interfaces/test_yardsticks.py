"""What numbers can be judged by: a task that knows nothing claims nothing."""

from __future__ import annotations

from dataclasses import replace

from nntasks.advice.evidence import evidence
from nntasks.advice.judging import verdict
from nntasks.interfaces.yardsticks import Reference, Yardsticks

SUMMARY = {
    "headline": ["accuracy"],
    "metrics": {"accuracy": 0.5},
    "intervals": {"accuracy": [0.4, 0.6]},
    "samples": 100,
}


def test_knowing_nothing_is_the_default_and_shared_by_nobody():
    one, other = Yardsticks(), Yardsticks()
    assert one == other
    assert one.classes is not other.classes
    assert (one.chance, tuple(one.published), one.mistakes, one.threshold) == (None, (), None, None)


def sentences(yardsticks):
    run = evidence(SUMMARY, (), {}, yardsticks)
    found = verdict(run, "nntasks run toy", "runs/toy/a")
    return " ".join(map(str, found["good"]))


def test_a_verdict_mentions_chance_only_where_a_task_knows_it():
    chance = Reference("accuracy", 0.5, "a coin")
    assert "coin" not in sentences(Yardsticks())
    assert "coin" in sentences(Yardsticks(chance=chance))


def test_published_values_are_those_of_the_data_set():
    known = replace(Yardsticks(), published=(Reference("accuracy", 0.99, "LeNet-5"),))
    assert "LeNet-5" in sentences(known)
