"""A segmentation task as an estimator of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted

from nntasks import contracts
from nntasks.errors import UsageError
from nntasks.estimators.base import TaskEstimator
from nntasks.runner.evaluation import evaluate


class NNTasksSegmenter(TaskEstimator):
    """A segmenter: `NNTasksSegmenter("unet_segment", epochs=5).fit(X, y).predict(X)`.

    It is to pictures and masks what `NNTasksClassifier` is to samples and labels.

    Args:
        task: name of a task whose models predict the probability of every pixel.
        validation_fraction: share of the pictures that are held out in `fit` and measured after
            each epoch; keys such as `patience` need them.
        keys: keys of the task, as for `nntasks.run`, such as `epochs=5`; not those of data.

    Attributes:
        model_, history_: see `TaskEstimator`.
    """

    picture_shape: Sequence[int] | None = None  # pictures come as pictures

    def __init__(self, task: str, *, validation_fraction: float = 0.0, **keys: Any) -> None:
        self.task = task
        self.validation_fraction = validation_fraction
        self._keys = keys

    def fit(self, X: ArrayLike, y: ArrayLike) -> NNTasksSegmenter:
        """Train a model.

        Args:
            X: pictures (N, H, W) or (N, H, W, 3) of one size: bytes, or floats in 0..1.
            y: masks (N, H, W) of 0 (background), 1 (object) and 255 (not counted), or bool.

        Raises:
            ValueError: malformed arrays.
            UsageError: a wrong key, or pictures that the task cannot read.
            RunFailed: the training diverged.
        """
        pictures, masks = _arrays(X), _arrays(y)
        check_consistent_length(pictures, masks)
        self.n_features_in_ = pictures.shape[1]
        self._train(pictures, masks, ())
        return self

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Return the probability of the object for every pixel: (N, H, W) float32.

        Raises:
            UsageError: the predictions have another size than the pictures.
        """
        check_is_fitted(self)
        pictures = _arrays(X)
        found = np.stack(self._predictions(pictures, np.zeros(pictures.shape[:3], np.uint8)))
        if found.shape != pictures.shape[:3]:
            raise UsageError(
                f"expected predictions {pictures.shape[:3]} like the pictures, got {found.shape}; "
                "leave out keys that scale pictures, such as image_size"
            )
        return found

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return masks (N, H, W) uint8 of 0 and 1, by the task's `threshold` or at 0.5."""
        shares = self.predict_proba(X)
        threshold = float(getattr(self._fitted_task().config, "threshold", 0.5))
        return (shares >= threshold).astype(np.uint8)

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Return the task's first headline number of these pictures and masks, such as Dice."""
        check_is_fitted(self)
        task, split = self._test_split(_arrays(X), _arrays(y))
        metrics = contracts.task_metrics(task, self._info)
        size = int(getattr(task.config, "evaluation_batch", 32))
        found = evaluate(self.model_, split, metrics, batch_size=size)
        return float(found.values[task.headline[0]])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.target_tags.required = True
        return tags


def _arrays(values: ArrayLike) -> np.ndarray:
    found: np.ndarray = check_array(values, allow_nd=True, ensure_2d=False)
    if found.ndim < 3:
        raise ValueError(f"expected pictures and masks (N, H, W), got an array {found.shape}")
    return found
