"""`standardise=no`: inputs reach the network as they are."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.runner import make_task


def prepared(asked):
    task = make_task("numpy_mlp", [{"standardise": asked, "dtype": "float64"}])
    splits = task.load_data()
    model = task.build_model(splits.info)
    model.standardise_like(splits.train)
    inputs = splits.train.batch(range(len(splits.train))).inputs
    return inputs, model.prepared(inputs)


def test_inputs_are_standardised():
    _, found = prepared("yes")
    assert found.mean() == pytest.approx(0, abs=1e-12)
    assert found.std() == pytest.approx(1, rel=1e-12)


def test_inputs_are_left_as_they_are():
    inputs, found = prepared("no")
    np.testing.assert_array_equal(found, inputs.transpose(0, 3, 1, 2))
