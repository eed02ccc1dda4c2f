"""Registers `numpy_mlp`: a neural network in NumPy with a handwritten backward pass."""

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
            scorer="nntasks.plugins.classification.class_scoring:ClassScorer",
        )
    ]


@hookimpl
def register_models() -> Iterable[Entry]:
    return [
        Entry(
            "mlp",
            f"{_HERE}.model:MLP",
            "a multilayer perceptron; `layers` gives the units of each hidden layer",
            _TASK,
        ),
        Entry(
            "lenet",
            f"{_HERE}.model:LENET",
            "LeNet-5: two convolutions and three linear layers",
            _TASK,
        ),
    ]


@hookimpl
def register_datasets() -> Iterable[Entry]:
    return [Entry("xor", f"{_HERE}.xor:Xor", "noisy exclusive or of two or three inputs", _TASK)]
