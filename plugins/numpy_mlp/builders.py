"""Builders of the networks: their layers and initial weights."""

from __future__ import annotations

import itertools
import math

import numpy as np

from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo
from nntasks.machine import memory
from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.plugins.numpy_mlp.initialisation import initial
from nntasks.plugins.numpy_mlp.layers.activations import ACTIVATIONS
from nntasks.plugins.numpy_mlp.layers.base import Layer
from nntasks.plugins.numpy_mlp.layers.convolution import Convolution, MaxPooling
from nntasks.plugins.numpy_mlp.layers.dropout import Dropout
from nntasks.plugins.numpy_mlp.layers.linear import Flatten, Linear
from nntasks.plugins.numpy_mlp.layers.normalization import BatchNorm
from nntasks.plugins.numpy_mlp.network import Network
from nntasks.seeding import Seeds

_CHANNELS, _HIDDEN = (6, 16), (120, 84)  # of LeNet-5 (LeCun et al., 1998)


class Builder:
    """Collects layers. Weight number i is drawn from the random stream ("init", i).

    Args:
        config: the keys of the task.
        seeds: the random streams of the run.
    """

    def __init__(self, config: NumpyConfig, seeds: Seeds) -> None:
        self.config, self._seeds = config, seeds
        self.dtype = np.dtype(config.dtype)
        self.layers: list[Layer] = []
        self._weights = 0

    def add(self, layer: Layer) -> None:
        """Add a layer."""
        self.layers.append(layer)

    def linear(self, inputs: int, outputs: int) -> None:
        """Add a linear layer."""
        layer = Linear.drawn(inputs, outputs, self._next_rng(), self.config.init, self.dtype)
        if self.config.feedback == "alignment":
            rng = self._seeds.numpy("feedback", self._weights)
            back = initial("xavier", (outputs, inputs), outputs, inputs, rng, self.dtype)
            layer.buffers["feedback"] = back
        self.add(layer)

    def convolution(self, inputs: int, outputs: int, size: int, padding: int) -> None:
        """Add a convolution."""
        rng, kind = self._next_rng(), self.config.init
        self.add(Convolution.drawn(inputs, outputs, size, rng, kind, self.dtype, padding))

    def activation(self, features: int) -> None:
        """Add the normalisation and activation that follow a layer."""
        if self.config.batch_norm:
            self.add(BatchNorm(features, self.dtype))
        self.add(ACTIVATIONS[self.config.activation]())

    def hidden(self, inputs: int, sizes: tuple[int, ...], classes: int) -> Network:
        """Add the hidden linear layers and the output layer; return the network."""
        for size in sizes:
            self.linear(inputs, size)
            self.activation(size)
            if self.config.dropout:
                self.add(Dropout(self.config.dropout))
            inputs = size
        self.linear(inputs, classes)
        return Network(self.layers)

    def _next_rng(self) -> np.random.Generator:
        self._weights += 1
        return self._seeds.numpy("init", self._weights - 1)


def mlp(config: NumpyConfig, info: DataInfo, seeds: Seeds) -> Network:
    """Build a multilayer perceptron: inputs, hidden layers, classes."""
    if any(size < 1 for size in config.hidden_sizes):
        raise UsageError(
            f"hidden_sizes: expected at least 1 unit per hidden layer, got {config.hidden_sizes}"
        )
    inputs = math.prod(info.input_shape)
    _require_memory(config, (inputs, *config.hidden_sizes, len(info.classes)))
    builder = Builder(config, seeds)
    builder.add(Flatten())
    return builder.hidden(inputs, config.hidden_sizes, len(info.classes))


def _require_memory(config: NumpyConfig, sizes: tuple[int, ...]) -> None:
    """Refuse layers whose weights, gradients and two moments exceed the memory."""
    numbers = sum(inputs * outputs for inputs, outputs in itertools.pairwise(sizes))
    given = ",".join(map(str, config.hidden_sizes))
    memory.require(
        4 * numbers * np.dtype(config.dtype).itemsize,
        f"hidden_sizes={given}",
        "choose smaller ones",
    )


def lenet(config: NumpyConfig, info: DataInfo, seeds: Seeds) -> Network:
    """Build LeNet-5 with max pooling, for pictures of 12 x 12 pixels or more."""
    if len(info.input_shape) != 3 or min(info.input_shape[:2]) < 12:
        raise UsageError(
            f"model=lenet: expected pictures of 12 x 12 pixels or more, got {info.input_shape}"
        )
    height, width, channels = info.input_shape
    builder = Builder(config, seeds)
    padding = 2
    for outputs in _CHANNELS:
        builder.convolution(channels, outputs, 5, padding)
        builder.activation(outputs)
        builder.add(MaxPooling(2))
        height, width = ((side + 2 * padding - 4) // 2 for side in (height, width))
        channels, padding = outputs, 0
    builder.add(Flatten())
    return builder.hidden(channels * height * width, _HIDDEN, len(info.classes))
