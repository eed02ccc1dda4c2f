"""The training step in NumPy, for the epoch loop that all tasks share."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from nntasks.interfaces import Batch, RunHandle, Split
from nntasks.plugins.numpy_mlp.augmentation import shifted
from nntasks.plugins.numpy_mlp.first_nonfinite import first_nonfinite, norm
from nntasks.plugins.numpy_mlp.layers.base import Array, Context
from nntasks.plugins.numpy_mlp.loss import cross_entropy
from nntasks.plugins.numpy_mlp.model import NumpyModel
from nntasks.plugins.numpy_mlp.optimizers import build_optimizer
from nntasks.run_folder.checkpoints import Checkpoint
from nntasks.training.black_box import PARAMETER_STEPS, Cause
from nntasks.training.epochs import Progress, Sums, Trainer
from nntasks.training.schedules import factor


class NumpyTrainer(Trainer):
    """Trains a `NumpyModel`.

    Args:
        model: trained in place.
        train: the training split.
        run: the running experiment.
    """

    model: NumpyModel

    def __init__(self, model: NumpyModel, train: Split, run: RunHandle) -> None:
        super().__init__(model, run)
        self.config = model.config
        self._train = train
        self._batch_size = min(self.config.batch_size, len(train))
        self._norm = 0.0  # of the last step's gradient

    @property
    def steps(self) -> int:
        return len(self._train) // self._batch_size

    def start(self, checkpoint: Checkpoint | None) -> None:
        self._optimizer = build_optimizer(self.model.network, self.config)
        self._average: dict[str, Array] | None = None
        if checkpoint is None:
            if self.config.pretrained is None:
                self.model.standardise_like(self._train)
            if self.config.average:
                state = self.model.network.state()
                self._average = {name: value.copy() for name, value in state.items()}
            return
        self.model.load_state(checkpoint.arrays("model"))
        if self._optimizer.moments:
            steps = checkpoint.state["progress"]["step"]
            self._optimizer.load(checkpoint.arrays("optimizer"), steps)
        if self.config.average:
            stored = checkpoint.arrays("average")
            self._average = {name: np.array(value) for name, value in stored.items()}

    def batches(self, epoch: int, first: int) -> Iterator[Batch]:
        """Yield shuffled batches."""
        for indices in self.samples(epoch)[first:]:
            yield self._train.batch(indices.tolist(), epoch=epoch)

    def samples(self, epoch: int) -> Array:
        """Return shuffled sample indices, one row per batch; an incomplete last one is left out."""
        order = self.model.seeds.numpy("data", epoch).permutation(len(self._train))
        return order[: self.steps * self._batch_size].reshape(self.steps, self._batch_size)

    def step(self, batch: Batch, progress: Progress) -> Sums:
        config = self.config
        lr = config.lr * factor(config, progress.step, self.steps) * progress.plateau
        return self.step_at(batch, progress, lr)

    def step_at(self, batch: Batch, progress: Progress, lr: float) -> Sums:
        """Take a step at a learning rate, whatever the schedule says."""
        network, self.lr = self.model.network, lr
        inputs, context = self._inputs(batch, progress)
        with np.errstate(over="ignore", invalid="ignore"):  # the loop reports it in one line
            logits = network.forward(inputs, context)
            loss, gradient = cross_entropy(logits, batch.targets)
            network.backward(gradient)
            self._norm = norm(layer.gradients[short] for _, layer, short in network.learned())
            if math.isfinite(loss) and math.isfinite(self._norm):
                self._optimizer.step(self.lr)
                self._follow(progress.step)
        return {"loss": loss, "accuracy": float((logits.argmax(axis=1) == batch.targets).mean())}

    def _inputs(self, batch: Batch, progress: Progress) -> tuple[Array, Context]:
        """Return the network's input for a step, and the state of its forward pass."""
        place, seeds = (progress.epoch, progress.batch), self.model.seeds
        inputs = batch.inputs
        if self.config.shift and inputs.ndim == 4:
            inputs = shifted(inputs, self.config.shift, seeds.numpy("shift", *place))
        context = Context(training=True, rng=seeds.numpy("dropout", *place))
        return self.model.prepared(inputs), context

    def ids(self, batch: Batch) -> Iterable[int | str]:
        return batch.ids

    def norms(self, progress: Progress) -> dict[str, float]:
        found = {"gradient_norm": self._norm}
        if progress.step % PARAMETER_STEPS == 0:
            learned = self.model.network.learned()
            found["parameter_norm"] = norm(layer.parameters[short] for _, layer, short in learned)
        return found

    def first_cause(self, batch: Batch, progress: Progress) -> Cause | None:
        return first_nonfinite(self.model.network, *self._inputs(batch, progress), batch.targets)

    def _follow(self, step: int) -> None:
        """Move the averaged weights towards the current ones (Polyak averaging)."""
        if self._average is None:
            return
        decay = min(self.config.average, (1 + step) / (10 + step))
        for name, value in self.model.network.state().items():
            own = self._average[name]
            own += own.dtype.type(1 - decay) * (value - own)

    def groups(self) -> Mapping[str, Mapping[str, Array]]:
        groups = {"model": self.model.state()}
        if self._optimizer.moments:
            groups["optimizer"] = self._optimizer.arrays()
        if self._average is not None:
            groups["average"] = self._average
        return groups

    @contextlib.contextmanager
    def predicting(self) -> Iterator[None]:
        """Make the model predict with its averaged weights."""
        own = self.model.network.state()
        if self._average is not None:
            self.model.network.load_state(self._average)
        try:
            yield
        finally:
            if self._average is not None:
                self.model.network.load_state(own)

    def finish(self) -> None:
        if self._average is not None:
            self.model.network.load_state(self._average)
