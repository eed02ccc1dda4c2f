"""The task: users' arrays, explanations that add up, gradient checks of any configuration."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.loss import softmax
from nntasks.runner import make_task


def task(**keys):
    return make_task("numpy_mlp", [{"hidden_sizes": "6", **keys}])


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8), np.uint8)
    path = tmp_path_factory.mktemp("shown") / "digit.png"
    Image.fromarray(pixels).save(path)
    owner = task(dtype="float64")
    model = owner.build_model(owner.load_data().info)
    return owner, model, path, pixels


class TestArraysOfUsers:
    def test_rows_are_points_and_whole_numbers_become_floats(self):
        splits = task().splits_of([[1, 2], [3, 4]], np.array([0, 1]), ("a", "b"))
        assert splits.info.input_shape == (2,)
        batch = splits.train.batch([1])
        assert (batch.inputs.tolist(), batch.inputs.dtype) == ([[3, 4]], np.float64)
        assert splits.info.classes == ("a", "b")

    def test_single_precision_stays(self):
        points = np.ones((2, 3), np.float32)
        assert task().splits_of(points, np.array([0, 1]), "ab").test.points is points

    def test_pictures_are_pictures(self):
        splits = task().splits_of(np.zeros((2, 5, 4), np.uint8), np.array([0, 1]), "ab")
        assert splits.info.input_shape == (5, 4, 1)

    def test_other_dimensions_are_refused(self):
        with pytest.raises(UsageError, match=r"expected \(N, H, W\) or \(N, H, W, C\), got \(2,\)"):
            task().splits_of(np.zeros(2), np.array([0, 1]), "ab")


class TestExplain:
    def explained(self, shown, label):
        owner, model, path, _ = shown
        return owner.explain(model, str(path), owner.ExplainOptions(label=label))

    def test_the_terms_and_the_bias_are_the_logit(self, shown):
        found = self.explained(shown, "3")
        terms = (*found.raising, *found.lowering)
        assert found.units == 6  # fewer than are listed, so that all are
        assert sum(t.share for t in terms) + found.bias == pytest.approx(found.logit, abs=1e-9)

    def test_the_probability_is_the_prediction(self, shown):
        _, model, _, pixels = shown
        x = model.prepared(pixels[None, :, :, None])
        logits = model.network.forward(x)[0]
        shares = softmax(logits[None])[0]
        assert self.explained(shown, "3").probability == pytest.approx(shares[3], rel=1e-9)
        assert self.explained(shown, "").label == str(shares.argmax())

    def test_another_class_is_one_line(self, shown):
        with pytest.raises(UsageError, match=r"label: expected one of 0, 1, .*, got 'cat'"):
            self.explained(shown, "cat")


@pytest.mark.parametrize(
    "keys",
    [{}, {"data": "xor", "dtype": "float32"}, {"feedback": "alignment", "activation": "sigmoid"}],
    ids=["digits", "xor", "alignment"],
)
def test_gradients_are_right_in_double_precision_and_with_backpropagation(keys):
    checks = {check.name: check.passed for check in task(**keys).check_gradients()}
    assert set(checks.values()) == {True}
    assert {"input", "1.linear.weight", "5.linear.bias"} <= set(checks)


def test_every_key_worth_tuning_is_a_key_of_the_task():
    owner = task()
    assert set(owner.search_space()) <= set(type(owner.config).model_fields)
