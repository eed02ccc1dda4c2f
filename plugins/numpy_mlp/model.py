"""The network as a model: input standardisation, predictions, saved state."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nntasks.interfaces import Batch, DataInfo, Model, RunHandle, Split
from nntasks.machine.blas import blas_threads
from nntasks.plugins.numpy_mlp.builders import lenet, mlp
from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.plugins.numpy_mlp.layers.base import Array, Context
from nntasks.plugins.numpy_mlp.loss import softmax
from nntasks.plugins.numpy_mlp.network import Network
from nntasks.seeding import Seeds

STATISTICS = 10_000  # training samples used for the inputs' mean and standard deviation


class NumpyModel(Model):
    """A network of our own layers.

    Inputs are standardised to mean 0 and standard deviation 1: pictures by one pair of numbers,
    other data by a pair per feature. The pairs come from the training split and are saved with the
    weights. One thread computes: products of layers this small gain little from a second one, and
    the numbers do not depend on how many cores a machine has.

    Args:
        network: the layers.
        config: the task's keys.
        info: classes and input shape of the data.
        seeds: the random streams of the run.
    """

    def __init__(self, network: Network, config: NumpyConfig, info: DataInfo, seeds: Seeds) -> None:
        self.network, self.config, self.info, self.seeds = network, config, info, seeds
        features = 1 if len(info.input_shape) == 3 else info.input_shape[0]
        self.mean, self.deviation = np.zeros(features), np.ones(features)

    def fit(self, train: Split, *, validation: Split | None, run: RunHandle) -> None:
        """Train in the epoch loop (see `trainer`)."""
        from nntasks.plugins.numpy_mlp.trainer import NumpyTrainer
        from nntasks.training.epochs import EpochLoop

        with blas_threads(1):
            EpochLoop(NumpyTrainer(self, train, run), self.config, validation).run_to_end()

    def losses_at(
        self, train: Split, run: RunHandle, rates: Sequence[float]
    ) -> Generator[tuple[float, float]]:
        """Train a step at each rate; yield rate and loss."""
        from nntasks.plugins.numpy_mlp.trainer import NumpyTrainer
        from nntasks.training.epochs import Progress

        trainer = NumpyTrainer(self, train, run)
        trainer.start(None)
        progress = Progress()
        with blas_threads(1):
            for rate in rates:
                if progress.batch == trainer.steps:
                    progress.epoch, progress.batch = progress.epoch + 1, 0
                (batch,) = itertools.islice(trainer.batches(progress.epoch, progress.batch), 1)
                yield rate, trainer.step_at(batch, progress, rate)["loss"]
                progress.batch, progress.step = progress.batch + 1, progress.step + 1

    def predict(self, batch: Batch) -> list[Array]:
        """Return probabilities (K,) float64 for every sample."""
        with blas_threads(1):
            logits = self.network.forward(self.prepared(batch.inputs), Context())
        return list(softmax(logits.astype(np.float64)))

    def prepared(self, inputs: Array) -> Array:
        """Return (N, C, H, W) of (N, H, W, C) bytes, or (N, D), standardised."""
        kind = np.dtype(self.config.dtype)
        values = inputs.astype(kind)
        values -= self.mean.astype(kind)
        values /= self.deviation.astype(kind)
        return np.ascontiguousarray(values.transpose(0, 3, 1, 2) if values.ndim == 4 else values)

    def standardise_like(self, train: Split) -> None:
        """Take the mean and standard deviation from the training split, if they are asked."""
        if not self.config.standardise:
            return
        inputs = train.batch(range(min(len(train), STATISTICS))).inputs
        over = None if inputs.ndim == 4 else 0
        self.mean = np.atleast_1d(inputs.mean(axis=over, dtype=np.float64))
        self.deviation = np.atleast_1d(inputs.std(axis=over, dtype=np.float64)).clip(min=1e-8)

    def state(self) -> Mapping[str, Array]:
        """Return all parameters, buffers and input statistics."""
        return {**self.network.state(), "input.mean": self.mean, "input.deviation": self.deviation}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore what `state` returned.

        Raises:
            UsageError: the weights belong to another architecture.
        """
        own = ("input.mean", "input.deviation")
        self.network.load_state({k: v for k, v in state.items() if k not in own})
        if all(name in state for name in own):
            self.mean, self.deviation = (np.asarray(state[name]).astype(float) for name in own)

    def parameter_count(self) -> int:
        """Return the number of trained parameters, without running statistics and feedback."""
        return sum(layer.parameters[name].size for _, layer, name in self.network.learned())


@dataclass(frozen=True)
class Architecture:
    """A network as a model entry, which is called to build the model.

    Attributes:
        make: builds the network.
    """

    make: Callable[[NumpyConfig, DataInfo, Seeds], Network]

    def __call__(self, config: NumpyConfig, info: DataInfo, seeds: Seeds) -> NumpyModel:
        return NumpyModel(self.make(config, info, seeds), config, info, seeds)


MLP = Architecture(mlp)
LENET = Architecture(lenet)
