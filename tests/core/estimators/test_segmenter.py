"""A segmenter of scikit-learn: bright squares on a dark ground."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import check_estimator

from nntasks.errors import UsageError
from nntasks.estimators import NNTasksSegmenter

SMALL = {"epochs": 12, "depth": 2, "width": 8, "batch_size": 4, "augment": (), "lr": 0.02}


def squares(count, seed=0):
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 80, (count, 32, 32), dtype=np.uint8)
    masks = np.zeros((count, 32, 32), bool)
    for number in range(count):
        row, column = rng.integers(2, 18, 2)
        masks[number, row : row + 12, column : column + 12] = True
    pictures[masks] += 140
    return pictures, masks


@pytest.fixture(scope="module")
def fitted():
    return NNTasksSegmenter("unet_segment", **SMALL).fit(*squares(16))


def test_it_learns(fitted):
    pictures, masks = squares(8, seed=1)
    found = fitted.predict(pictures)
    assert (found.shape, found.dtype) == ((8, 32, 32), np.uint8)
    assert set(np.unique(found)) <= {0, 1}
    shares = fitted.predict_proba(pictures)
    assert np.array_equal(found, shares >= 0.5)
    assert (
        fitted.score(pictures, masks) > 0.8
    )  # six seeds: 0.99 to 1.00; 0.25 if every pixel is called the object
    dice = 2 * (found & masks).sum((1, 2)) / (found.sum((1, 2)) + masks.sum((1, 2)))
    assert fitted.score(pictures, masks) == pytest.approx(dice.mean(), abs=1e-6)


def test_floats_colours_and_bytes_are_the_same_pictures(fitted):
    pictures, _ = squares(3, seed=2)
    expected = fitted.predict_proba(pictures)
    assert np.array_equal(fitted.predict_proba(pictures / 255), expected)
    colours = np.repeat(pictures[..., None], 3, axis=3)
    again = NNTasksSegmenter("unet_segment", **SMALL).fit(
        np.repeat(squares(16)[0][..., None], 3, axis=3), squares(16)[1]
    )
    assert np.array_equal(again.predict_proba(colours), expected)


def test_a_pickle_holds_the_weights(fitted):
    pictures, _ = squares(3, seed=2)
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(again.predict_proba(pictures), fitted.predict_proba(pictures))
    assert not hasattr(clone(again), "model_")


def test_the_threshold_is_a_key(fitted):
    pictures, masks = squares(16)
    other = clone(fitted).set_params(threshold=0.9, epochs=1).fit(pictures, masks)
    assert np.array_equal(other.predict(pictures), other.predict_proba(pictures) >= 0.9)


def test_a_search_over_its_keys():
    pictures, masks = squares(12)
    search = GridSearchCV(NNTasksSegmenter("unet_segment", **SMALL), {"epochs": [1, 6]}, cv=2)
    found = search.fit(pictures, masks)
    assert len(found.cv_results_["mean_test_score"]) == 2
    assert 0 <= found.best_score_ <= 1


def test_scikit_learn_has_no_checks_of_pictures(fitted):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = check_estimator(clone(fitted))
    assert {result["status"] for result in results} == {"passed"}  # what needs no samples
    assert "Can't test estimator NNTasksSegmenter" in str(caught[-1].message)


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        (np.zeros((4, 32)), np.zeros((4, 32)), ValueError, r"got an array \(4, 32\)"),
        (np.zeros((4, 32, 32)), np.zeros((3, 32, 32)), ValueError, "inconsistent numbers"),
        (np.zeros((4, 32, 32)), np.zeros((4, 32, 30)), UsageError, r"masks \(4, 32, 32\), got"),
        (np.zeros((4, 32, 32)), np.full((4, 32, 32), 7), UsageError, "masks of 0 .*got 7"),
        (np.full((4, 32, 32), 2.0), np.zeros((4, 32, 32)), UsageError, "expected floats in"),
        (np.zeros((4, 32, 32, 2)), np.zeros((4, 32, 32)), UsageError, r"got \(4, 32, 32, 2\)"),
    ],
)
def test_wrong_input_is_one_line(x, y, error, message):
    with pytest.raises(error, match=message):
        NNTasksSegmenter("unet_segment", **SMALL).fit(x, y)


def test_scaled_pictures_are_refused():
    pictures, masks = squares(4)
    found = NNTasksSegmenter("unet_segment", **{**SMALL, "epochs": 1, "image_size": 16})
    with pytest.raises(UsageError, match="leave out keys that scale pictures, such as image_size"):
        found.fit(pictures, masks).predict(pictures)
