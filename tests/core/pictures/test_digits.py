"""The digits as scikit-learn reads them, without importing it."""

from __future__ import annotations

import numpy as np

from nntasks.pictures import digits


def test_they_are_scikit_learns():
    from sklearn.datasets import load_digits

    images, labels = digits.handwritten_digits()
    expected = load_digits()
    np.testing.assert_array_equal(images, expected.images)
    np.testing.assert_array_equal(labels, expected.target)


def test_another_place_of_the_file_is_made_up_for(monkeypatch, tmp_path):
    here = digits.handwritten_digits()
    monkeypatch.setattr(digits, "_FILE", tmp_path / "nowhere")
    for one, other in zip(here, digits.handwritten_digits(), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
