"""A classification task as a classifier of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from nntasks.errors import UsageError
from nntasks.estimators.base import TaskEstimator


class NNTasksClassifier(ClassifierMixin, TaskEstimator):  # type: ignore[misc]
    """A classifier: `NNTasksClassifier("cnn_classify", epochs=5).fit(X, y).predict(X)`.

    Training is a function of the data and of the key `seed`; nothing is left in the working
    directory, and no global state changes.

    Args:
        task: name of a task whose models predict class probabilities.
        picture_shape: (H, W) or (H, W, C), for a task that reads pictures, if they come as rows.
        validation_fraction: share of the samples that are held out in `fit` and measured after each
            epoch; keys such as `patience` need them.
        keys: keys of the task, as for `nntasks.run`, such as `epochs=5`; not those of data.

    Attributes:
        classes_: (K,) the labels, ascending.
        model_, history_, n_features_in_: see `TaskEstimator`.
    """

    def __init__(
        self,
        task: str,
        *,
        picture_shape: Sequence[int] | None = None,
        validation_fraction: float = 0.0,
        **keys: Any,
    ) -> None:
        self.task = task
        self.picture_shape = picture_shape
        self.validation_fraction = validation_fraction
        self._keys = keys

    def fit(self, X: ArrayLike, y: ArrayLike) -> NNTasksClassifier:
        """Train a model.

        Args:
            X: (N, D) numbers, or pictures (N, H, W) or (N, H, W, C) of bytes or of floats in 0..1,
                whichever the task reads.
            y: (N,) labels of any type.

        Raises:
            ValueError: malformed arrays.
            UsageError: a wrong key, or samples that the task cannot read.
            RunFailed: the training diverged.
        """
        inputs, labels = validate_data(self, X, y, allow_nd=True)
        check_classification_targets(labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        self._train(inputs, numbers.astype(np.int64), [str(name) for name in self.classes_])
        return self

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Return class probabilities (N, K) float64, in the order of `classes_`.

        Raises:
            UsageError: the task predicts none.
        """
        check_is_fitted(self)
        inputs = validate_data(self, X, allow_nd=True, reset=False)
        found = self._predictions(inputs, np.zeros(len(inputs), np.int64))
        if any(one.shape != self.classes_.shape for one in found):
            raise UsageError(f"task {self.task!r} predicts no class probabilities")
        return np.stack(found).astype(np.float64)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the most probable label of each sample: (N,), of the type of `y`."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]
