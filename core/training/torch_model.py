"""The base class of torch models: subclasses define a module and a loss."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from torch import Tensor, nn

from nntasks.interfaces import Batch, Model, RunHandle, Split
from nntasks.seeding import Seeds
from nntasks.training.config import TrainingConfig
from nntasks.training.device import resolve_device
from nntasks.training.optimizers import parameter_groups
from nntasks.training.thread_count import one_thread
from nntasks.training.weight_fitting import fitted


class TorchModel(Model):
    """A Model around a torch module.

    A subclass passes its module to `__init__` and writes `loss` and `predict`.

    Attributes:
        module: the module to train, on `device`.
        config: the task's configuration.
        seeds: the random streams of the run.
    """

    arrays = "torch"

    def __init__(self, module: nn.Module, config: TrainingConfig, seeds: Seeds) -> None:
        self.device = resolve_device(config.device)
        self.module = module.to(self.device)
        self.config = config
        self.seeds = seeds

    @abstractmethod
    def loss(self, module: nn.Module, batch: Batch) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the mean loss over a batch, and its parts by name for the curves.

        Call `module`, not `self.module`: under several processes it is wrapped.
        """

    def note_loss(self, batch: Batch, compute: Callable[[], Tensor]) -> None:
        """Add the loss of a batch to that of the validation, if there is one now.

        Call this in `predict`, where the output of the network is known, so that a validation
        loss costs no second pass.

        Args:
            batch: the batch of `predict`, with its targets.
            compute: returns the mean loss over the batch, as `loss` defines it.
        """
        if self.validation_loss is not None:
            self.validation_loss.add(float(compute()), len(batch.ids))

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Return the optimiser's parameter groups."""
        return parameter_groups(self.module, self.config.weight_decay)

    def prepare_training(self, train: Split, run: RunHandle) -> None:
        """Prepare training once, before the first step, such as by fitting anchors."""

    def train_mode(self) -> None:
        """Put the module into training mode; override this to freeze parts of it."""
        self.module.train()

    def losses_at(
        self, train: Split, run: RunHandle, rates: Sequence[float]
    ) -> Generator[tuple[float, float]]:
        """Train a step at each rate; yield rate and loss."""
        from nntasks.training.torch_rates import losses_at

        return losses_at(self, train, run, rates)

    def fit(self, train: Split, *, validation: Split | None, run: RunHandle) -> None:
        """Train in the epoch loop (see `nntasks.training.epochs`)."""
        from nntasks.training.epochs import EpochLoop
        from nntasks.training.torch_trainer import TorchTrainer

        EpochLoop(TorchTrainer(self, train, run), self.config, validation).run_to_end()

    def evaluating(self) -> AbstractContextManager[None]:
        """Evaluate with one thread if deterministic=threads."""
        return one_thread(self.config)

    def state(self) -> Mapping[str, Tensor]:
        """Return parameters and buffers by name."""
        return self.module.state_dict()

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Load parameters and buffers.

        Raises:
            UsageError: the weights belong to another architecture, have another dtype or are not
                finite; names the difference.
        """
        own = self.module.state_dict()
        complete = fitted(own, state, "the weights", "belong to another architecture")
        self.module.load_state_dict(complete)

    def parameter_count(self) -> int:
        """Return the number of parameters with gradients, counting tied ones once."""
        return sum(p.numel() for p in self.module.parameters() if p.requires_grad)
