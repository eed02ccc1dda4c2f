"""The speed class of a function: its time against that of a plain loop, by a clock of our own."""

from __future__ import annotations

import pytest

from nntasks.grading import timing
from nntasks.interfaces.exercises import Miss


@pytest.fixture
def at_most(monkeypatch):
    """Return a function that compares functions that take the given times, one for each call."""
    now = [0.0]
    monkeypatch.setattr(timing.time, "perf_counter", lambda: now[0])

    def call(student, loop, share=0.5):
        calls = {"student": 0, "loop": 0}

        def taking(name, times):
            def function():
                now[0] += times[min(calls[name], len(times) - 1)]
                calls[name] += 1

            return function

        timing.at_most_as_slow(
            "mean", taking("student", student), taking("loop", loop), share, "use arrays"
        )
        return calls

    return call


def test_a_fast_function_is_asked_once(at_most):
    assert at_most([0.25], [1.0]) == {"student": 1, "loop": 1}


def test_one_good_round_of_five_is_enough(at_most):
    assert at_most([4.0, 4.0, 0.5], [1.0]) == {"student": 3, "loop": 3}


def test_the_share_itself_passes(at_most):
    at_most([0.5], [1.0])


def test_a_slow_function_is_told_its_ratio(at_most):
    with pytest.raises(Miss) as told:
        at_most([1.5], [1.0])
    assert str(told.value) == (
        "mean: takes 1.5 times the time of a plain Python loop: expected at most 0.5; use arrays"
    )


def test_the_best_rounds_count_on_both_sides(at_most):
    with pytest.raises(Miss, match=r"takes 2 times"):
        at_most([3.0, 1.0, 3.0], [1.0, 0.5, 1.0])
