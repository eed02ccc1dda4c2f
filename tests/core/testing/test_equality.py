"""Bit-exact comparison: nested values, arrays of both frameworks, and the first difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from nntasks.testing.equality import (
    as_numpy,
    differing,
    equal,
    first_difference,
    same_number,
)


@dataclass
class Sample:
    x: object


@dataclass
class Other:
    x: object


ONES = np.ones(3, np.float32)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1, {"a": ONES}], [1, {"a": ONES.copy()}]),
        ((1, 2), [1, 2]),
        (Sample(ONES), Sample(torch.from_numpy(ONES))),
        (np.array([math.nan]), np.array([math.nan])),
        (torch.tensor([1.5], dtype=torch.bfloat16), torch.tensor([1.5], dtype=torch.bfloat16)),
        (ONES[::-1], torch.ones(3)),
    ],
)
def test_what_is_equal(a, b):
    assert equal(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1, 2], [1]),
        ({"a": 1}, {"b": 1}),
        (Sample(1), Other(1)),
        (ONES, ONES.astype(np.float64)),
        (ONES, ONES.reshape(3, 1)),
        (np.zeros(1), -np.zeros(1)),  # to the last bit
        (np.array(1.0), np.array([1.0])),
        ([Sample(ONES)], [Sample(2 * ONES)]),
    ],
)
def test_what_differs(a, b):
    assert not equal(a, b)


def test_arrays_of_torch_become_those_of_numpy_bit_by_bit():
    given = torch.tensor([0.1, -0.0, math.inf], dtype=torch.bfloat16, requires_grad=True)
    found = as_numpy(given)
    assert found.dtype == np.float32
    assert torch.equal(torch.from_numpy(found).bfloat16(), given.detach())
    assert as_numpy(torch.arange(6).reshape(2, 3).T).flags.c_contiguous


@pytest.mark.parametrize(
    ("a", "b", "name"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ""),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, "b"),
        ({"a": 1}, {}, "a"),
        ({}, {"new": 1}, "new"),
        ({"x": ONES}, {"x": torch.ones(3)}, ""),
    ],
)
def test_the_first_key_that_differs(a, b, name):
    assert differing(a, b) == name


def test_undefined_numbers_are_the_same():
    assert same_number(math.nan, math.nan)
    assert same_number(0.5, 0.5)
    assert not same_number(math.nan, 0.0)


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ({"n": math.nan}, {"n": math.nan}, ""),
        ({"accuracy": 0.75}, {"accuracy": 0.5}, "accuracy is 0.5, not 0.75"),
        ({"accuracy": 0.75}, {}, "accuracy is missing from one"),
        ({}, {"accuracy": 0.75}, "accuracy is missing from one"),
    ],
)
def test_the_first_number_that_differs_in_words(a, b, words):
    assert first_difference(a, b) == words
