"""Pieces of a batch computed at the same time: a thread for each, and one core for each thread.

The convolutions of a small network are too short to be shared out among threads: a second thread
inside of them gains a fifth, and threads that wait for the next convolution by spinning take the
core from whatever else runs. Whole pieces of a batch share out well. Every replica of the module
has the same parameters, gradients of its own, and batch-norm statistics of its own piece, as in
data-parallel training over several processes.

The numbers depend on how many replicas there are and not on how many threads compute them: each
replica computes with one thread, and gradients are added up in a fixed order.
"""

from __future__ import annotations

import contextlib
import copy
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import torch
from torch import nn

Piece = TypeVar("Piece")
Result = TypeVar("Result")


class Replicas:
    """A module and copies of it that share its parameters.

    Args:
        module: what is trained. Its gradients are where all gradients arrive, and it is its
            running statistics that are kept.
        count: how many replicas there are, the module among them.
    """

    def __init__(self, module: nn.Module, count: int) -> None:
        self.modules = [module, *(_sharing(module) for _ in range(count - 1))]
        self._random = any(
            isinstance(layer, nn.modules.dropout._DropoutNd) and layer.p > 0
            for layer in module.modules()
        )
        self._threads = 1
        self._pool: ThreadPoolExecutor | None = None

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Keep a thread for each replica, as far as torch may use threads, while the block runs.

        A single replica leaves the threads to torch. Modules with dropout draw from torch's one
        generator, so their replicas take turns.
        """
        if len(self.modules) == 1:
            yield
            return
        allowed = torch.get_num_threads()
        helpers = 0 if self._random else min(len(self.modules), allowed) - 1
        torch.set_num_threads(1)
        try:
            if not helpers:
                yield
                return
            with ThreadPoolExecutor(
                helpers, "replica", initializer=torch.set_num_threads, initargs=(1,)
            ) as self._pool:
                yield
        finally:
            self._pool = None
            torch.set_num_threads(allowed)

    def __call__(
        self, pieces: Sequence[Piece], backward: Callable[[nn.Module, Piece], Result]
    ) -> list[Result]:
        """Compute the pieces and leave the sum of their gradients in the module.

        Args:
            pieces: of one batch, shared out evenly and in order.
            backward: computes the loss of a piece with a module and its gradients.

        Returns:
            what `backward` returned for every piece, in order.
        """
        first, *others = self.modules
        for replica in others:
            _follow(first, replica)
        total, count = len(pieces), len(self.modules)

        def compute(number: int) -> list[Result]:
            mine = pieces[number * total // count : (number + 1) * total // count]
            return [backward(self.modules[number], piece) for piece in mine]

        if self._pool is None:
            results = [compute(number) for number in range(count)]
        else:
            waiting = [self._pool.submit(compute, n) for n in range(1, count)]
            results = [compute(0), *(future.result() for future in waiting)]
        for replica in others:
            _move_gradients(replica, first)
        return [result for found in results for result in found]

    def share_out(
        self, function: Callable[[Piece], Result], items: Sequence[Piece]
    ) -> list[Result]:
        """Return `function` of every item, in order; whichever thread is free takes the next."""
        results: dict[int, Result] = {}
        left = deque(enumerate(items))

        @torch.no_grad()
        def work() -> None:
            while True:
                try:
                    number, item = left.popleft()
                except IndexError:  # another thread took the last one
                    return
                results[number] = function(item)

        pool, helpers = self._pool, len(self.modules) - 1
        waiting = [pool.submit(work) for _ in range(helpers)] if pool else []
        work()
        for future in waiting:
            future.result()
        return [results[number] for number in range(len(items))]


def _sharing(module: nn.Module) -> nn.Module:
    """Return a copy of a module on the same parameters, with gradients and buffers of its own."""
    replica = copy.deepcopy(module)
    shared: dict[int, nn.Parameter] = {}
    for layer, twin in zip(module.modules(), replica.modules(), strict=True):
        for name, parameter in layer._parameters.items():
            if parameter is not None:
                twin._parameters[name] = shared.setdefault(
                    id(parameter), nn.Parameter(parameter.detach(), parameter.requires_grad)
                )
    return replica


def _follow(module: nn.Module, replica: nn.Module) -> None:
    """Put every layer of a replica into the mode of its twin."""
    for layer, twin in zip(module.modules(), replica.modules(), strict=True):
        twin.training = layer.training


def _move_gradients(replica: nn.Module, module: nn.Module) -> None:
    """Add a replica's gradients to the module's, and drop them there."""
    sums: list[Any] = []
    added: list[Any] = []
    for parameter, twin in zip(module.parameters(), replica.parameters(), strict=True):
        if twin.grad is None:
            continue
        if parameter.grad is None:
            parameter.grad = twin.grad
        else:
            sums.append(parameter.grad)
            added.append(twin.grad)
        twin.grad = None
    if sums:
        torch._foreach_add_(sums, added)
