"""Weights held against a network: counters that are absent, dtypes, numbers that are not finite."""

from __future__ import annotations

import pytest
import torch

from nntasks.errors import UsageError
from nntasks.training.weight_fitting import fitted


@pytest.fixture
def own():
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    module.register_buffer("mask", torch.tensor([0.0, -torch.inf]))
    return module.state_dict()


def test_counters_of_batch_norm_may_be_absent(own):
    found = {name: value + 1 for name, value in own.items() if "num_batches" not in name}
    complete = fitted(own, found, "w.pt")
    assert complete.keys() == own.keys()
    assert torch.equal(complete["0.weight"], own["0.weight"] + 1)
    assert complete["1.num_batches_tracked"] == 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_floats_of_another_width_are_converted_with_a_word_or_refused(own, dtype):
    found = {k: v.to(dtype) if v.is_floating_point() else v for k, v in own.items()}
    lines = []
    complete = fitted(own, found, "w.pt", say=lines.append)
    assert {v.dtype for k, v in complete.items() if "num" not in k} == {torch.float32}
    word = str(dtype).removeprefix("torch.")
    assert lines == [f"w.pt: 7 arrays of {word} are converted to float32"]
    with pytest.raises(UsageError, match=f"expected mask in float32, got {word}"):
        fitted(own, found, "w.pt")


def test_whole_numbers_are_no_weights(own):
    found = {**own, "0.bias": torch.ones(3, dtype=torch.int8)}
    with pytest.raises(UsageError, match=r"expected 0.bias in float32, got int8"):
        fitted(own, found, "w.pt", say=print)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_named(own, value):
    found = {**own, "0.bias": torch.tensor([0.0, value, 1.0])}
    with pytest.raises(UsageError, match=r"w.pt: 1 of 3 numbers of 0.bias are NaN or infinite"):
        fitted(own, found, "w.pt")


def test_a_mask_may_hold_infinities(own):
    assert fitted(own, own, "w.pt")["mask"][1] == -torch.inf
