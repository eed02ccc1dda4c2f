"""Numbers of a run against those computed again: how many differ, by how much, and which first."""

from __future__ import annotations

import math

import pytest

from nntasks.verification.numbers import Compared, compare

SUMMARY = {"task": "toy", "run": "a", "seconds": 1.0, "metrics": {"accuracy": 0.5, "nll": 20.0}}


def with_metrics(**changed):
    return {**SUMMARY, "run": "b", "seconds": 9.0, "metrics": {**SUMMARY["metrics"], **changed}}


def test_the_same_numbers_have_no_difference():
    assert compare(SUMMARY, with_metrics()) == Compared(3)


@pytest.mark.parametrize(
    ("changed", "largest", "first"),
    [
        ({"accuracy": 0.5001}, 1e-4, "metrics.accuracy was 0.5, is 0.5001"),
        ({"nll": 20.02}, 0.02 / 20.02, "metrics.nll was 20.0, is 20.02"),
        ({"nll": math.nan}, math.inf, "metrics.nll was 20.0, is None"),
        ({"nll": "none"}, math.inf, "metrics.nll was 20.0, is 'none'"),
    ],
)
def test_differences_of_large_numbers_are_relative(changed, largest, first):
    found = compare(SUMMARY, with_metrics(**changed))
    assert found.largest == pytest.approx(largest)
    assert (found.first, found.differing) == (first, 1)


def test_a_number_that_is_no_longer_measured_differs_and_a_new_one_does_not():
    assert compare(SUMMARY, {**SUMMARY, "metrics": {"accuracy": 0.5}}).largest == math.inf
    assert compare(SUMMARY, with_metrics(f1=1.0)).differing == 0


def test_numbers_in_lists_and_mappings_have_their_place():
    stored = {"intervals": {"accuracy": [0.25, 0.75]}, "n": {"a": {"b": 1}}}
    assert compare(stored, stored) == Compared(3)
    found = compare(stored, {"intervals": {"accuracy": [0.25, 0.5]}, "n": {"a": {"b": 2}}})
    assert found == Compared(3, "intervals.accuracy[1] was 0.75, is 0.5", 0.5, 2)


@pytest.mark.parametrize("now", [True, "1", None])
def test_what_is_no_number_has_no_small_difference(now):
    found = compare({"n": 1.5}, {"n": now})
    assert (found.largest, found.differing) == (math.inf, 1)
    assert found.first == f"n was 1.5, is {now!r}"


def test_a_number_that_was_undefined_and_still_is():
    assert compare({"n": None}, {"n": math.nan}) == Compared(1)


def test_words_made_from_numbers_do_not_count():
    old = {"verdict": {"good": ["a"]}, "definitions": {"x": "y"}, "kernels": "avx2", "n": 1}
    assert compare(old, {"verdict": {"good": []}, "n": 1}) == Compared(1)


def test_nothing_compared_is_nothing_different():
    assert compare({}, {"n": 1}) == Compared()
