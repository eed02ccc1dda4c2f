"""Averaging of word vectors over processes that train on different parts of a corpus.

Parameter averaging is of McDonald, Hall and Mann, "Distributed Training Strategies for the
Structured Perceptron", NAACL 2010. That frequent words are averaged more often than rare ones is of
Ji, Satish, Li and Dubey, "Parallelizing Word2Vec in Shared and Distributed Memory", 2016, arXiv
1604.04661.

The idea: every process keeps the vectors of the last average, the base, and sends how far its own
have moved from it. `exchange` averages the first rows of each matrix, the most frequent words,
while training goes on; what comes back is added at the next call. `finish` does so with every row
that some process has changed.

A row moves by the sum of the moves of the k processes that have changed it, divided by the square
root of k. The mean (divided by k) would make of k processes hardly more than one, and the sum goes
too far: each process has followed the same slope. A rare word of one process keeps its whole move.

The invariant: the base is equal to the bit in all processes, because all add the same sums to it.
After `finish` the vectors are the base, so a checkpoint of one process is that of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from nntasks.machine.distributed import Workers


class Averaging:
    """Averages matrices over processes, in place; does nothing in a single one.

    Args:
        workers: the processes.
        matrices: (R, D) float32 each, with the same values in every process; rows by falling
            frequency.
        frequent: number of rows of each matrix that `exchange` averages, >= 0.

    Attributes:
        sent: bytes that this process has handed over to be summed so far.
    """

    def __init__(
        self, workers: Workers, matrices: Sequence[torch.Tensor], *, frequent: int
    ) -> None:
        self._workers, self._matrices = workers, tuple(matrices)
        self._alone = workers.size == 1
        self._base = () if self._alone else tuple(matrix.clone() for matrix in matrices)
        self._frequent = frequent
        self._pending: list[tuple[torch.Tensor, torch.Tensor, Any]] = []  # own, sum, its work
        self.sent = 0

    def exchange(self) -> None:
        """Average the frequent rows while training goes on; first add what came back."""
        if self._alone:
            return
        self._receive()
        for matrix, base in zip(self._matrices, self._base, strict=True):
            own = matrix[: self._frequent] - base[: self._frequent]
            total = own * self._workers.size**-0.5
            self._pending.append((own, total, self._sum(total)))

    def finish(self) -> None:
        """Average all rows that any process has changed; then all processes have one state."""
        if self._alone:
            return
        self._receive()
        for matrix, base in zip(self._matrices, self._base, strict=True):
            moved = matrix - base
            movers = (moved != 0).any(1).int()
            self._sum(movers).wait()
            rows = movers.nonzero().squeeze(1)
            total = moved[rows] * movers[rows].to(moved.dtype).rsqrt()[:, None]
            self._sum(total).wait()
            base[rows] += total
            matrix.copy_(base)

    def _receive(self) -> None:
        """Put what the last exchange gave in the place of this process's own part of it."""
        for matrix, base, (own, total, work) in zip(
            self._matrices, self._base, self._pending, strict=bool(self._pending)
        ):
            work.wait()
            matrix[: self._frequent] += total - own
            base[: self._frequent] += total
        self._pending = []

    def _sum(self, values: torch.Tensor) -> Any:
        """Begin to sum values over all processes, in place; return what waits for the end."""
        self.sent += values.numel() * values.element_size()
        return begin_sum(values)


def begin_sum(values: torch.Tensor) -> Any:
    """Begin to sum values over all processes, in place; return the work to wait for."""
    import torch.distributed as dist

    return dist.all_reduce(values, async_op=True)
