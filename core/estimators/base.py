"""What the estimators share: keys as parameters, training on arrays, and pickling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from nntasks import contracts
from nntasks.api.rows import Rows
from nntasks.context import info_from_json, info_to_json
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo, Model, Split, Splits, Task
from nntasks.runner import in_memory, make_task

_NOT_KEYS = ("data", "weights", "metrics")  # what `fit` gives


class TaskEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A task as an estimator.

    Its parameters are those of `__init__` and every key of the task, which `set_params` takes too.
    Keys are checked by `fit`, as scikit-learn asks.

    Attributes:
        model_: the trained model.
        history_: the rows of training: step, epoch, loss, learning rate.
        n_features_in_: of a sample; of a picture its height.
    """

    task: str
    picture_shape: Sequence[int] | None
    validation_fraction: float
    _keys: dict[str, Any]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters and the given keys by name."""
        return {**super().get_params(deep), **self._keys}

    def set_params(self, **params: Any) -> TaskEstimator:
        """Set parameters and keys; return the estimator."""
        own = self._get_param_names()
        for name, value in params.items():
            if name in own:
                setattr(self, name, value)
            else:
                self._keys = {**self._keys, name: value}
        return self

    def _train(self, inputs: np.ndarray, targets: np.ndarray, classes: Sequence[str]) -> None:
        """Train a model on arrays, and keep what predictions need."""
        task, shape = _make_task(self.task, self._keys), self.picture_shape
        kept, held_out = self._parts(len(inputs), task)
        shaped = _shaped(inputs, shape)
        whole = task.splits_of(shaped[kept], targets[kept], classes)
        if len(held_out):
            part = task.splits_of(shaped[held_out], targets[held_out], classes)
            whole = Splits(whole.train, part.validation, part.test, whole.info)
        filled = in_memory.holding(task, whole)
        self.model_, history = in_memory.train(filled, validate=len(held_out) > 0)
        self.history_ = Rows(history, "history")
        self._fitted = (self.task, dict(self._keys), shape, inputs.shape[1:])
        self._info = contracts.load_data(filled).info

    def _parts(self, count: int, task: Task) -> tuple[np.ndarray, np.ndarray]:
        """Return the samples to train on, and those to validate on."""
        share = self.validation_fraction
        if not 0 <= share < 1:
            raise UsageError(f"validation_fraction: expected a number in [0, 1), got {share}")
        order = task.context.seeds.numpy("validation").permutation(count)
        size = int(share * count)
        return np.sort(order[size:]), np.sort(order[:size])

    def _test_split(self, inputs: np.ndarray, targets: np.ndarray) -> tuple[Task, Split]:
        """Return the task as it was trained, and samples as its test split.

        Raises:
            ValueError: the samples have another shape than those of `fit`.
        """
        *_, picture_shape, shape = self._fitted
        if inputs.shape[1:] != shape:
            raise ValueError(f"X: expected samples of shape {shape}, got {inputs.shape[1:]}")
        task = self._fitted_task()
        shaped = _shaped(inputs, picture_shape)
        filled = in_memory.holding(task, task.splits_of(shaped, targets, self._info.classes))
        return filled, contracts.load_data(filled).test

    def _fitted_task(self) -> Task:
        """Return the task with the keys that `fit` had."""
        name, keys, *_ = self._fitted
        return _make_task(name, keys)

    def _predictions(self, inputs: np.ndarray, targets: np.ndarray) -> list[np.ndarray]:
        """Return the model's prediction for each sample, computed in batches."""
        task, split = self._test_split(inputs, targets)
        size = int(getattr(task.config, "evaluation_batch", 32))
        found: list[np.ndarray] = []
        with self.model_.evaluating():
            for start in range(0, len(split), size):
                batch = split.batch(range(start, min(start + size, len(split))))
                found += [np.asarray(one) for one in self.model_.predict(batch)]
        return found

    def __getstate__(self) -> dict[str, Any]:
        """Return the attributes, with the weights as arrays in place of the model."""
        state = dict(super().__getstate__())
        model: Model | None = state.pop("model_", None)
        if model is not None:
            state["_weights"] = {name: _as_numpy(one) for name, one in model.state().items()}
            state["_info"] = info_to_json(self._info)
        return state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        attributes = dict(state)
        weights = attributes.pop("_weights", None)
        if weights is not None:
            attributes["_info"] = info_from_json(attributes["_info"])
        super().__setstate__(attributes)
        if weights is not None:
            self.model_ = _rebuilt(self._fitted_task(), self._info, weights)


def _make_task(name: str, keys: Mapping[str, Any]) -> Task:
    for key in keys:
        group = key.partition(".")[0].removesuffix("_options")
        if group in _NOT_KEYS:
            raise UsageError(
                f"{key}: an estimator has no such key; it gets its data from fit(X, y)"
            )
    plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in keys.items()}
    return make_task(name, [plain])


def _shaped(inputs: np.ndarray, picture_shape: Sequence[int] | None) -> np.ndarray:
    """Return rows (N, D) as pictures if a shape is given."""
    if picture_shape is None or inputs.ndim != 2:
        return inputs
    if inputs.shape[1] != np.prod(picture_shape):
        raise UsageError(
            f"picture_shape: expected {tuple(picture_shape)} to have the {inputs.shape[1]} numbers "
            f"of a row, it has {np.prod(picture_shape)}"
        )
    return inputs.reshape(len(inputs), *picture_shape)


def _as_numpy(array: Any) -> np.ndarray:
    if hasattr(array, "detach"):  # a torch tensor
        array = array.detach().cpu().numpy()
    return np.array(array)


def _rebuilt(task: Task, info: DataInfo, weights: Mapping[str, np.ndarray]) -> Model:
    """Return the task's model for data like `info`, with the given weights."""
    model = contracts.task_model(task, info)
    arrays: dict[str, Any] = {key: np.array(array) for key, array in weights.items()}
    if model.arrays == "torch":
        import torch

        arrays = {key: torch.from_numpy(array) for key, array in arrays.items()}
    model.load_state(arrays)
    return model
