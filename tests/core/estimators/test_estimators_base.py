"""What the estimators share: keys as parameters, the parts of the samples, pickles."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone

from nntasks.errors import UsageError
from nntasks.estimators import NNTasksClassifier, base
from nntasks.runner import make_task

KEYS = {"epochs": 1, "hidden_sizes": (4,)}
X = np.random.default_rng(0).normal(size=(24, 3))
Y = (X[:, 0] > 0).astype(int)


def made(**keys):
    return NNTasksClassifier("numpy_mlp", **{**KEYS, **keys})


@pytest.fixture(scope="module")
def fitted():
    return made().fit(X, Y)


def test_keys_are_parameters_beside_those_of_the_class():
    params = made(lr=0.5).get_params()
    assert (params["lr"], params["epochs"], params["task"]) == (0.5, 1, "numpy_mlp")
    assert params["validation_fraction"] == 0.0


def test_setting_a_key_leaves_the_clone_alone():
    first = made()
    second = clone(first).set_params(lr=0.5, validation_fraction=0.25)
    assert (second.get_params()["lr"], second.validation_fraction) == (0.5, 0.25)
    assert "lr" not in first.get_params()
    assert first.validation_fraction == 0.0


@pytest.mark.parametrize("key", ["data", "data.points", "data_options", "weights", "metrics"])
def test_what_fit_gives_is_no_key(key):
    with pytest.raises(UsageError) as told:
        made(**{key: 1}).fit(X, Y)
    assert str(told.value) == (
        f"{key}: an estimator has no such key; it gets its data from fit(X, y)"
    )


def test_a_number_of_numpy_is_a_key_as_well():
    assert made(lr=np.float64(0.25))._keys["lr"] == 0.25
    task = base._make_task("numpy_mlp", {"lr": np.float32(0.25), "epochs": np.int64(3)})
    assert (task.config.lr, task.config.epochs) == (0.25, 3)


class TestParts:
    def parts(self, fraction, count=20, seed=0):
        task = make_task("numpy_mlp", [{"seed": seed}])
        return made(validation_fraction=fraction)._parts(count, task)

    @pytest.mark.parametrize(("fraction", "held"), [(0, 0), (0.25, 5), (0.99, 19)])
    def test_each_sample_is_in_one_of_them(self, fraction, held):
        kept, out = self.parts(fraction)
        assert len(out) == held
        assert sorted([*kept, *out]) == list(range(20))
        assert kept.tolist() == sorted(kept)

    def test_the_seed_decides(self):
        one, same, other = (self.parts(0.5, seed=seed)[1].tolist() for seed in (0, 0, 1))
        assert one == same != other

    @pytest.mark.parametrize("fraction", [-0.1, 1, 1.5])
    def test_a_share_is_below_1(self, fraction):
        with pytest.raises(UsageError, match=r"validation_fraction: expected a number in \[0, 1\)"):
            self.parts(fraction)


class TestPictures:
    def test_rows_become_pictures(self):
        rows = np.arange(24).reshape(2, 12)
        assert base._shaped(rows, (3, 4)).tolist() == rows.reshape(2, 3, 4).tolist()
        assert base._shaped(rows, None) is rows

    def test_pictures_stay_pictures(self):
        pictures = np.zeros((2, 5, 5))
        assert base._shaped(pictures, (3, 4)) is pictures

    def test_a_shape_that_does_not_fit(self):
        with pytest.raises(UsageError) as told:
            base._shaped(np.zeros((2, 12)), (5, 5))
        assert str(told.value) == (
            "picture_shape: expected (5, 5) to have the 12 numbers of a row, it has 25"
        )


@pytest.mark.parametrize(("fraction", "validated"), [(0, set()), (0.25, {"validation"})])
def test_held_out_samples_are_validated_on(fraction, validated):
    history = made(validation_fraction=fraction).fit(X, Y).history_
    assert {row["split"] for row in history} == {"train", *validated}


def test_samples_of_another_shape_are_refused(fitted):
    with pytest.raises(ValueError, match=r"4 features|shape \(3,\), got \(4,\)"):
        fitted.predict(np.zeros((2, 4)))


def test_a_pickle_holds_arrays_and_no_model(fitted):
    state = fitted.__getstate__()
    assert "model_" not in state
    assert all(isinstance(one, np.ndarray) for one in state["_weights"].values())
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(again.predict_proba(X), fitted.predict_proba(X))
    assert again.history_ == fitted.history_


def test_one_that_is_not_fitted_is_pickled_too():
    again = pickle.loads(pickle.dumps(made(lr=0.5)))
    assert again.get_params() == made(lr=0.5).get_params()
    assert not hasattr(again, "model_")


def test_predictions_do_not_depend_on_what_is_set_after_fit(fitted):
    before = fitted.predict_proba(X)
    other = pickle.loads(pickle.dumps(fitted)).set_params(hidden_sizes=(9,))
    assert np.array_equal(other.predict_proba(X), before)
