"""Which samples are seen when: the same at any number of processes and after any resume."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch.utils.data import DataLoader, Sampler

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, Split
from nntasks.machine.distributed import Workers
from nntasks.seeding import Seeds


class Batches:
    """The training batches of a split, epoch by epoch.

    An epoch is a permutation of the split drawn from the stream ("data", epoch) and cut into
    global batches; the incomplete batch at its end is left out (every epoch leaves out others).
    A process computes its share of each global batch, in `accumulate` pieces.
    """

    def __init__(
        self,
        split: Split,
        seeds: Seeds,
        workers: Workers,
        *,
        batch_size: int,
        accumulate: int,
        loaders: int,
    ) -> None:
        self.split = split
        self.seeds = seeds
        self.batch_size = min(batch_size, len(split))
        self._workers = workers
        self._pieces = accumulate
        self._loaders = loaders
        if self.batch_size < workers.size * accumulate:
            raise UsageError(
                f"batch_size: expected at least one sample for each of {workers.size} processes "
                f"x {accumulate} pieces, got a batch of {self.batch_size}"
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

    def epoch(self, epoch: int, first: int) -> Iterator[list[Batch]]:
        """Yield the pieces of each global batch of an epoch, from batch `first` on."""
        work = [(epoch, self.pieces(batch)) for batch in self.indices(epoch)[first:]]
        if self._loaders == 0:
            return (_read(self.split, item) for item in work)
        loader: DataLoader = DataLoader(
            _Reader(self.split),  # type: ignore[arg-type]
            batch_size=None,
            sampler=_Fixed(work),
            num_workers=self._loaders,
        )
        return iter(loader)


def _read(split: Split, item: tuple[int, list[np.ndarray]]) -> list[Batch]:
    epoch, pieces = item
    return [split.batch(piece.tolist(), epoch=epoch) for piece in pieces]


class _Reader:
    def __init__(self, split: Split) -> None:
        self._split = split

    def __getitem__(self, item: tuple[int, list[np.ndarray]]) -> list[Batch]:
        return _read(self._split, item)


class _Fixed(Sampler):
    def __init__(self, work: list[tuple[int, list[np.ndarray]]]) -> None:
        self._work = work

    def __iter__(self) -> Iterator[tuple[int, list[np.ndarray]]]:
        return iter(self._work)

    def __len__(self) -> int:
        return len(self._work)
