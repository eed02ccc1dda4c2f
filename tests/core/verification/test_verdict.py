"""The verdict on a run in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from nntasks.verification.machine import Change
from nntasks.verification.numbers import Compared
from nntasks.verification.verdict import Replayed, Verification

AVX2 = [Change("capability", "AVX512", "AVX2")]


def verified(**fields):
    return Verification(Path("run"), **fields)


def off(largest):
    return Compared(9, "metrics.map50 was 0.9, is 0.8", largest, 2)


@pytest.mark.parametrize(
    ("largest", "shown"), [(2.1e-4, "3e-4"), (3e-4, "3e-4"), (9.5e-4, "1e-3"), (1e-7, "1e-7")]
)
def test_a_difference_is_rounded_up_to_a_digit(largest, shown):
    found = verified(numbers=off(largest), environment=AVX2)
    assert found.verdict() == f"numbers within {shown} on another processor: AVX2 for AVX-512"
    assert found.passed


def test_a_difference_without_a_reason_is_none_too_small():
    found = verified(numbers=off(1e-9))
    assert not found.passed
    assert found.verdict() == "different: metrics.map50 was 0.9, is 0.8 (and 1 more)"


def test_a_difference_beyond_the_tolerance_names_the_environment_as_well():
    found = verified(numbers=off(0.1), environment=AVX2)
    assert not found.passed
    assert found.verdict().endswith("; on another processor: AVX2 for AVX-512")


def test_a_replay_elsewhere_is_judged_by_its_numbers():
    replay = Replayed(steps=9, rows=3, first="step 1, train loss was 1.0, is 1.1")
    alone = verified(numbers=Compared(9), replay=replay, environment=AVX2)
    assert not alone.passed
    replay.numbers = off(2e-4)
    assert verified(numbers=Compared(9), replay=replay, environment=AVX2).passed
    here = verified(numbers=Compared(9), replay=replay)
    assert not here.passed
    assert here.verdict().startswith("different: step 1, train loss was 1.0, is 1.1")


def test_damage_comes_before_everything_else():
    found = verified(damage=["a is missing", "b is missing"], numbers=off(0.1))
    assert found.verdict() == "different: a is missing; and 1 more"
    assert found.to_dict()["passed"] is False
    assert found.to_dict()["exact"] is False
