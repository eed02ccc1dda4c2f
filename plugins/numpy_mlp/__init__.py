"""Registers `numpy_mlp`: a neural network in NumPy with a handwritten backward pass.

Layers, losses, optimisers and checks of gradients are imported from here, to be used by hand; see
docs/by-hand.md. Each is loaded when it is used.
"""

from __future__ import annotations

from collections.abc import Iterable

from nntasks.hookspecs import Entry, hookimpl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nntasks.plugins.numpy_mlp.by_hand import (
        EVALUATION,
        Adam,
        BatchNorm,
        Context,
        Convolution,
        Dropout,
        Flatten,
        GradientChecks,
        Layer,
        Linear,
        MaxPooling,
        Network,
        Passes,
        Relu,
        Sgd,
        Sigmoid,
        Tanh,
        check_gradients,
        col2im,
        cross_entropy,
        im2col,
        initial,
        mean_squared_error,
        softmax,
        trace,
    )

__all__ = [
    "EVALUATION",
    "Adam",
    "BatchNorm",
    "Context",
    "Convolution",
    "Dropout",
    "Flatten",
    "GradientChecks",
    "Layer",
    "Linear",
    "MaxPooling",
    "Network",
    "Passes",
    "Relu",
    "Sgd",
    "Sigmoid",
    "Tanh",
    "check_gradients",
    "col2im",
    "cross_entropy",
    "im2col",
    "initial",
    "mean_squared_error",
    "softmax",
    "trace",
]

_HERE = "nntasks.plugins.numpy_mlp"
_TASK = ("numpy_mlp",)
RENAMED = {"layers": "hidden_sizes"}  # keys by their former names


@hookimpl
def register_tasks() -> Iterable[Entry]:
    return [
        Entry(
            "numpy_mlp",
            f"{_HERE}.task:NumpyMlp",
            "a neural network in pure NumPy: forward and backward pass, gradient checks",
            scorer="nntasks.plugins.classification.class_scoring:ClassScorer",
            renamed=RENAMED,
        )
    ]


@hookimpl
def register_models() -> Iterable[Entry]:
    return [
        Entry(
            "mlp",
            f"{_HERE}.model:MLP",
            "a multilayer perceptron; `hidden_sizes` gives the units of each hidden layer",
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


if not TYPE_CHECKING:  # otherwise a type checker would treat every name as Any

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from nntasks.plugins.numpy_mlp import by_hand

        return getattr(by_hand, name)
