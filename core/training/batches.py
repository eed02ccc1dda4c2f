"""Training batches: the same for any number of processes and after any resume."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from torch.utils.data import DataLoader, Sampler

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, Split
from nntasks.machine.distributed import Workers
from nntasks.seeding import Seeds
from nntasks.training.config import TrainingConfig

Piece = Callable[[], Batch]  # a function that makes a batch or takes it from a loader


class Batches:
    """The training batches of a split, epoch by epoch.

    An epoch is a permutation of the split, drawn from the stream ("data", epoch) and cut into
    global batches. An incomplete last batch is dropped; it has other samples in every epoch. Each
    process computes its share of a global batch in `pieces` pieces.
    """

    def __init__(
        self,
        split: Split,
        seeds: Seeds,
        workers: Workers,
        *,
        batch_size: int,
        pieces: int,
        loaders: int,
    ) -> None:
        self.split = split
        self.seeds = seeds
        self.batch_size = min(batch_size, len(split))
        self._workers = workers
        self._pieces = pieces
        self._loaders = loaders
        if self.batch_size < workers.size * pieces:
            raise UsageError(
                f"batch_size: expected at least one sample for each of {workers.size} processes "
                f"x {pieces} pieces, got a batch of {self.batch_size}"
            )

    @classmethod
    def configured(
        cls, config: TrainingConfig, split: Split, seeds: Seeds, workers: Workers
    ) -> Batches:
        """Return the batches of a configuration.

        Several processes divide the replicas among them; a small batch has fewer replicas.
        """
        samples = min(config.batch_size, len(split)) // (workers.size * config.accumulate)
        replicas = max(min(config.replicas // workers.size, samples), 1)
        return cls(
            split,
            seeds,
            workers,
            batch_size=config.batch_size,
            pieces=config.accumulate * replicas,
            loaders=config.workers,
        )

    def __len__(self) -> int:
        return len(self.split) // self.batch_size

    def indices(self, epoch: int) -> np.ndarray:
        """Return the sample indices of an epoch, one row per global batch."""
        order = self.seeds.numpy("data", epoch).permutation(len(self.split))
        return order[: len(self) * self.batch_size].reshape(len(self), self.batch_size)

    def pieces(self, batch: np.ndarray) -> list[np.ndarray]:
        """Return this process's share of a global batch, in pieces."""
        mine = np.array_split(batch, self._workers.size)[self._workers.rank]
        return np.array_split(mine, self._pieces)

    def epoch(self, epoch: int, first: int) -> Iterator[list[Piece]]:
        """Yield the pieces of each global batch of an epoch, starting at batch `first`.

        Pieces are functions, so that each piece is made in the thread that computes it.
        """
        work = [(epoch, self.pieces(batch)) for batch in self.indices(epoch)[first:]]
        if self._loaders == 0:
            return ([partial(_make, self.split, epoch, p) for p in pieces] for _, pieces in work)
        loader: DataLoader[Any] = DataLoader(
            _Reader(self.split),  # type: ignore[arg-type]
            batch_size=None,
            sampler=_Fixed(work),
            num_workers=self._loaders,
        )
        return ([partial(_given, batch) for batch in batches] for batches in loader)


def _make(split: Split, epoch: int, piece: np.ndarray) -> Batch:
    return split.batch(piece.tolist(), epoch=epoch)


def _given(batch: Batch) -> Batch:
    return batch


class _Reader:
    def __init__(self, split: Split) -> None:
        self._split = split

    def __getitem__(self, item: tuple[int, list[np.ndarray]]) -> list[Batch]:
        epoch, pieces = item
        return [_make(self._split, epoch, piece) for piece in pieces]


class _Fixed(Sampler[Any]):
    def __init__(self, work: list[tuple[int, list[np.ndarray]]]) -> None:
        self._work = work

    def __iter__(self) -> Iterator[tuple[int, list[np.ndarray]]]:
        return iter(self._work)

    def __len__(self) -> int:
        return len(self._work)
