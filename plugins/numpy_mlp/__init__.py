"""A neural network in NumPy, forward and backward by hand: the announcement."""

from __future__ import annotations

from collections.abc import Iterable

from nntasks.hookspecs import Entry, hookimpl

_HERE = "nntasks.plugins.numpy_mlp"
_TASK = ("numpy_mlp",)


@hookimpl
def register_tasks() -> Iterable[Entry]:
    return [
        Entry(
            "numpy_mlp",
            f"{_HERE}.task:NumpyMlp",
            "a neural network in pure NumPy: forward and backward pass, gradient checks",
        )
    ]


@hookimpl
def register_models() -> Iterable[Entry]:
    return [
        Entry("mlp", f"{_HERE}.model:MLP", "linear layers, as many as `layers` says", _TASK),
        Entry("lenet", f"{_HERE}.model:LENET", "two convolutions and three linear layers", _TASK),
    ]


@hookimpl
def register_datasets() -> Iterable[Entry]:
    return [
        Entry("xor", f"{_HERE}.xor:Xor", "exclusive or of two or three signs, with noise", _TASK)
    ]
