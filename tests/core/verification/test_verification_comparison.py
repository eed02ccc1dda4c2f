"""A repeated training against what its run left: what was compared, and the first difference."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from nntasks.run_folder.array_files import dump_arrays
from nntasks.verification.comparison import Comparison

ROWS = [
    {"split": "train", "step": 1, "epoch": 0.5, "loss": 2.0},
    {"split": "train", "step": 2, "epoch": 1.0, "loss": None},
]
HASHES = [{"epoch": 1, "step": 2, "order": "aa", "weights": "bb"}]
W = {"w": np.arange(3.0)}


@pytest.fixture
def stored(tmp_path):
    """Return the folder of a checkpoint."""
    (tmp_path / "model.safetensors").write_bytes(dump_arrays(W))
    return tmp_path


def comparison(checkpoints=(), start=0):
    return Comparison(ROWS, HASHES, dict(checkpoints), start)


def test_what_is_equal_is_counted(stored):
    found = comparison({2: stored})
    found.row(0, dict(ROWS[0]))
    found.row(1, {**ROWS[1], "loss": float("nan")})  # stored as null
    found.hashes(1, {"order": "aa", "weights": "bb"})
    found.checkpoint(2, {"model": W})
    found.final(W, stored / "model.safetensors")
    found.steps = 2
    result = found.replayed()
    assert (result.rows, result.epochs, result.checkpoints, result.tensors) == (2, 1, 2, 2)
    assert (result.first, result.steps, result.start) == ("", 2, 0)
    assert not found.in_tensors


def test_a_number_of_numpy_equals_what_json_made_of_it():
    found = comparison()
    found.row(0, {**ROWS[0], "loss": np.float64(2.0), "step": np.int64(1)})
    assert found.replayed().first == ""


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"loss": 2.5}, "step 1, train loss was 2.0, is 2.5"),
        ({"more": 1.0}, "step 1, train more was None, is 1.0"),
    ],
)
def test_a_different_row_is_named(changed, told):
    found = comparison()
    found.row(0, {**ROWS[0], **changed})
    assert found.replayed().first == told


def test_a_row_that_lacks_a_number():
    found = comparison()
    found.row(0, {key: value for key, value in ROWS[0].items() if key != "loss"})
    assert found.replayed().first == "step 1, train loss was 2.0, is None"


def test_the_first_difference_is_kept():
    found = comparison()
    found.hashes(1, {"order": "xx", "weights": "yy"})
    found.row(0, {**ROWS[0], "loss": 0.0})
    assert found.replayed().first == "epoch 1, the hash of the order of samples"


def test_what_was_not_stored_is_not_compared(stored):
    found = comparison({2: stored}, start=2)
    found.row(7, {"split": "train", "step": 8})
    found.hashes(9, {"weights": "zz"})
    found.checkpoint(2, {"model": {"w": np.zeros(3)}})  # where it started from
    found.checkpoint(3, {"model": {"w": np.zeros(3)}})
    found.final(W, stored / "none.safetensors")
    assert found.replayed().compared == 0
    assert found.replayed().first == ""


@pytest.mark.parametrize("kind", [np.array, torch.tensor])
def test_a_different_tensor_is_named_even_after_another_difference(stored, kind):
    found = comparison({2: stored})
    found.row(0, {**ROWS[0], "loss": 0.0})
    found.checkpoint(2, {"model": {"w": kind([0.0, 1.0, 5.0], dtype=kind([0.0]).dtype)}})
    assert found.in_tensors
    first = found.replayed().first
    assert first.startswith("step 1, train loss was 2.0, is 0.0; first different tensor: step 2, ")


def test_the_place_of_a_different_value(stored):
    found = comparison({2: stored})
    found.checkpoint(2, {"model": {"w": np.array([0.0, 1.0, 5.0])}})
    assert found.replayed().first.startswith("step 2, model, w[2] was 2.0, is 5.0")


def test_a_group_that_has_no_file(stored):
    found = comparison({2: stored})
    found.checkpoint(2, {"optimizer": W})
    assert found.replayed().first == "step 2, optimizer: optimizer.safetensors is missing"


def test_an_array_that_is_new_or_gone(stored):
    found = comparison({2: stored})
    found.checkpoint(2, {"model": {**W, "more": np.zeros(1)}})
    assert found.replayed().first == "step 2, model, more is new"
    found = comparison({2: stored})
    found.final({}, stored / "model.safetensors")
    assert found.replayed().first == "final weights, w is missing"


def test_what_is_found_can_be_written():
    assert json.dumps(vars(comparison().replayed()))
