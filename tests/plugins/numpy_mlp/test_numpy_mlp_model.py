"""A network as a model: standardised inputs, probabilities, saved state."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, DataInfo
from nntasks.plugins.classification.splits import LabelledPictures
from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.plugins.numpy_mlp.model import LENET, MLP
from nntasks.plugins.numpy_mlp.xor import Points
from nntasks.seeding import Seeds

RNG = np.random.default_rng(0)
PICTURES = LabelledPictures(
    RNG.integers(0, 256, (20, 4, 6, 3), np.uint8), np.arange(20) % 3, range(100, 120)
)
POINTS = Points(RNG.normal([5, -3], [2, 0.5], (200, 2)), np.arange(200) % 2)


def made(split=PICTURES, seed=0, **keys):
    info = DataInfo(tuple("abc"), split.batch([0]).inputs.shape[1:])
    config = NumpyConfig(**{"hidden_sizes": (5,), "dtype": "float64", **keys})
    return MLP(config, info, Seeds(seed))


class TestStandardise:
    def test_pictures_by_one_pair_of_numbers_and_channels_first(self):
        model = made()
        model.standardise_like(PICTURES)
        x = model.prepared(PICTURES.pictures)
        assert x.shape == (20, 3, 4, 6)
        assert x.mean() == pytest.approx(0, abs=1e-12)
        assert x.std() == pytest.approx(1, rel=1e-12)
        darker = np.unravel_index(x.argmin(), x.shape)
        assert PICTURES.pictures.transpose(0, 3, 1, 2)[darker] == PICTURES.pictures.min()

    def test_points_by_a_pair_per_feature(self):
        model = made(POINTS)
        model.standardise_like(POINTS)
        x = model.prepared(POINTS.points)
        assert x.mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
        assert x.std(axis=0) == pytest.approx([1, 1], rel=1e-12)

    def test_inputs_are_left_as_they_are_if_not_asked(self):
        model = made(standardise=False)
        model.standardise_like(PICTURES)
        expected = PICTURES.pictures.transpose(0, 3, 1, 2)
        np.testing.assert_array_equal(model.prepared(PICTURES.pictures), expected)

    def test_a_feature_that_never_changes_is_divided_by_no_zero(self):
        split = Points(np.array([[1.0, 7.0], [3.0, 7.0]]), np.array([0, 1]))
        model = made(split)
        model.standardise_like(split)
        assert model.prepared(split.points).tolist() == [[-1, 0], [1, 0]]

    def test_the_precision_is_the_network_s(self):
        assert made(dtype="float32").prepared(PICTURES.pictures).dtype == np.float32


def test_predictions_are_probabilities_in_double_precision():
    shares = made(dtype="float32").predict(PICTURES.batch(range(7)))
    assert len(shares) == 7
    assert {s.dtype for s in shares} == {np.dtype("float64")}
    assert np.sum(shares, axis=1) == pytest.approx(np.ones(7), abs=1e-12)


def test_a_prediction_does_not_depend_on_the_rest_of_the_batch():
    model = made()
    together = model.predict(PICTURES.batch(range(4)))
    alone = [model.predict(PICTURES.batch([i]))[0] for i in range(4)]
    assert np.allclose(together, alone, rtol=0, atol=1e-14)


def test_a_saved_state_has_the_statistics_of_the_inputs():
    first, second = made(seed=0), made(seed=1)
    first.standardise_like(PICTURES)
    second.load_state({name: np.array(value) for name, value in first.state().items()})
    batch = PICTURES.batch(range(5))
    assert np.array_equal(first.predict(batch), second.predict(batch))
    assert {"input.mean", "input.deviation"} < set(first.state())


def test_a_state_without_statistics_leaves_those_of_the_model():
    model = made()
    model.standardise_like(PICTURES)
    mean = model.mean.copy()
    model.load_state(model.network.state())
    assert model.mean.tolist() == mean.tolist()


def test_the_state_of_another_architecture_is_one_line():
    with pytest.raises(UsageError, match=r"expected 1.linear.weight \(72, 5\), got \(72, 6\)"):
        made().load_state(made(hidden_sizes=(6,)).state())


def test_statistics_and_feedback_are_no_parameters():
    assert made(feedback="alignment").parameter_count() == (72 * 5 + 5) + 2 * 5 + (5 * 3 + 3)


def test_an_architecture_builds_its_network():
    model = LENET(NumpyConfig(), DataInfo(("a", "b"), (12, 12, 1)), Seeds(0))
    kinds = [type(layer).__name__ for _, layer in model.network.layers]
    assert kinds.count("Convolution") == 2
    (shares,) = model.predict(Batch(np.zeros((1, 12, 12, 1), np.uint8), None, [0]))
    assert shares.shape == (2,)


class TestLossesAtRates:
    def test_a_rate_of_zero_learns_nothing_and_batches_go_on_into_the_next_epoch(self):
        model = made(POINTS, batch_size=100, dropout=0, batch_norm=False)
        before = {name: np.array(value) for name, value in model.network.state().items()}
        found = list(model.losses_at(POINTS, None, [0.0] * 4))  # two steps an epoch
        assert [rate for rate, _ in found] == [0] * 4
        assert all(np.array_equal(before[k], v) for k, v in model.network.state().items())
        epochs = [found[i][1] + found[i + 1][1] for i in (0, 2)]
        assert epochs[0] == pytest.approx(epochs[1])  # the same points, in another order

    def test_the_rates_are_asked_for_one_by_one(self):
        rates = itertools.count(1)
        losses = made(POINTS).losses_at(POINTS, None, (r / 1000 for r in rates))
        assert next(losses)[0] == 0.001
        assert next(losses)[0] == 0.002
        assert next(rates) == 3
