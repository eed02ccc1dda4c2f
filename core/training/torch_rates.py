"""Steps of a torch model at given learning rates, for the range test."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from nntasks.interfaces import RunHandle, Split
from nntasks.machine.distributed import ALONE
from nntasks.seeding import torch_generators_kept
from nntasks.training.batches import Batches, Piece
from nntasks.training.torch_step import TorchStep

if TYPE_CHECKING:
    from nntasks.training.torch_model import TorchModel


def losses_at(
    model: TorchModel, train: Split, run: RunHandle, rates: Sequence[float]
) -> Generator[tuple[float, float]]:
    """Train a step at each rate; yield rate and loss."""
    with torch_generators_kept(model.device):
        batches = Batches.configured(model.config, train, model.seeds, ALONE)
        model.prepare_training(train, run)
        step = TorchStep(model, ALONE, batches.batch_size)
        model.train_mode()
        with step.replicas.running():
            for number, (rate, pieces) in enumerate(zip(rates, _batches(batches), strict=False)):
                yield rate, step(pieces, rate, (0, number))["loss"]


def _batches(batches: Batches) -> Iterator[list[Piece]]:
    """Yield training batches, epoch after epoch without end."""
    epoch = 0
    while True:
        yield from batches.epoch(epoch, 0)
        epoch += 1
