"""The first difference between arrays, of NumPy and of torch, in any layout."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nntasks.run_folder.array_hash import array_hash
from nntasks.verification.tensors import first_difference


def arrays(kind):
    values = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array(2.0)}
    if kind == "torch":
        return {name: torch.from_numpy(np.array(value)) for name, value in values.items()}
    return values


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_the_first_differing_value_is_named(kind):
    changed = arrays(kind)
    changed["a"][1, 0] += 0.5
    changed["a"][1, 2] += 0.5
    expected = "a[1, 0] was 3.0, is 3.5 (2 of 6 values differ)"
    assert first_difference(arrays(kind), changed) == expected
    assert first_difference(arrays(kind), arrays(kind)) == ""


def test_bits_count_and_not_values():
    zero, negative = {"a": np.zeros(2)}, {"a": -np.zeros(2)}
    assert first_difference(zero, negative) == "a[0] was 0.0, is -0.0 (2 of 2 values differ)"
    nan = {"a": np.array([np.nan])}
    assert first_difference(nan, nan) == ""


def test_numbers_without_shape_have_no_place():
    assert first_difference({"b": np.array(2.0)}, {"b": np.array(3.0)}) == "b was 2.0, is 3.0"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, "a is missing"),
        ({"a": np.zeros(2), "c": np.zeros(1)}, "c is new"),
        ({"a": np.zeros(3)}, "a was float64 (2,), is float64 (3,)"),
        ({"a": np.zeros(2, np.float32)}, "a was float64 (2,), is float32 (2,)"),
    ],
)
def test_other_names_shapes_and_types_are_named(now, expected):
    assert first_difference({"a": np.zeros(2)}, now) == expected


def test_a_hash_does_not_depend_on_layout_or_framework():
    values = torch.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    last = values.to(memory_format=torch.channels_last)
    assert values.stride() != last.stride()
    assert array_hash({"a": values}) == array_hash({"a": last})
    assert array_hash({"a": values}) == array_hash({"a": values.numpy()})


@pytest.mark.parametrize(
    "other",
    [
        {"b": np.zeros(4, np.float32)},
        {"a": np.zeros((2, 2), np.float32)},
        {"a": np.zeros(4, np.int32)},
        {"a": np.array([0, 0, 0, 1e-45], np.float32)},
        {},
    ],
)
def test_a_hash_depends_on_everything_else(other):
    assert array_hash(other) != array_hash({"a": np.zeros(4, np.float32)})


def test_empty_and_bfloat16_arrays_have_a_hash():
    assert array_hash({"a": torch.zeros(0)}) != array_hash({"a": torch.zeros(1)})
    half = torch.ones(3, dtype=torch.bfloat16)
    assert array_hash({"a": half}) != array_hash({"a": half * 2})
