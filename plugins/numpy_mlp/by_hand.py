"""The parts of the network, to be used one by one: `from nntasks.plugins.numpy_mlp import Linear`.

docs/by-hand.md shows how. Nothing here imports torch.
"""

from __future__ import annotations

from nntasks.plugins.numpy_mlp.gradients import GradientChecks, check_gradients
from nntasks.plugins.numpy_mlp.initialisation import initial
from nntasks.plugins.numpy_mlp.layers.activations import Relu, Sigmoid, Tanh
from nntasks.plugins.numpy_mlp.layers.base import EVALUATION, Context, Layer
from nntasks.plugins.numpy_mlp.layers.convolution import Convolution, MaxPooling, col2im, im2col
from nntasks.plugins.numpy_mlp.layers.dropout import Dropout
from nntasks.plugins.numpy_mlp.layers.linear import Flatten, Linear
from nntasks.plugins.numpy_mlp.layers.normalization import BatchNorm
from nntasks.plugins.numpy_mlp.loss import cross_entropy, mean_squared_error, softmax
from nntasks.plugins.numpy_mlp.network import Network
from nntasks.plugins.numpy_mlp.optimizers import Adam, Sgd
from nntasks.plugins.numpy_mlp.passes import Passes, trace

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
