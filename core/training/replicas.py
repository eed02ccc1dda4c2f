"""Compute pieces of a batch in parallel, one thread and one core per piece.

The convolutions of a small network are too short for several threads: a second thread saves only a
fifth, and threads that spin between convolutions take cores from other work. Whole pieces of a
batch scale well. Replicas share their parameters, but each has its own gradients and computes
batch-norm statistics of its own piece, as in data-parallel training over several processes.

Results depend on the number of replicas but not on the number of threads: each replica computes
with one thread, dropout draws from a generator per replica, and gradients are summed in a fixed
order.
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

from nntasks.training.dropout import DropoutGenerator

Piece = TypeVar("Piece")
Result = TypeVar("Result")


class Replicas:
    """A module and copies of it that share its parameters.

    Args:
        module: the module to train. It receives the sum of all gradients, and its running
            statistics are kept.
        count: the number of replicas, including the module.

    Attributes:
        modules: the module and its copies.
        dropout: the random generators of their dropout layers, in use while they are running; a
            single module leaves its random numbers to torch.
    """

    def __init__(self, module: nn.Module, count: int) -> None:
        self.modules = [module, *(_sharing(module) for _ in range(count - 1))]
        self.dropout = [DropoutGenerator(replica) for replica in self.modules]
        # None until the first batch shows whether the modules draw from torch's own generator.
        self._shared_generator: bool | None = None
        self._pool: ThreadPoolExecutor | None = None

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Run one thread per replica, up to torch's number of threads, while the block runs.

        A single replica leaves the threads and the random numbers to torch. Replicas that draw from
        torch's own generator, by anything but dropout layers, run in sequence: it is one, and the
        order must be fixed. The first batch, which is computed in sequence, shows whether they do.
        """
        if len(self.modules) == 1:
            yield
            return
        allowed = torch.get_num_threads()
        helpers = min(len(self.modules), allowed) - 1
        torch.set_num_threads(1)
        try:
            with contextlib.ExitStack() as block:
                for dropout in self.dropout:
                    block.enter_context(dropout.installed())
                if helpers:
                    self._pool = block.enter_context(
                        ThreadPoolExecutor(
                            helpers, "replica", initializer=torch.set_num_threads, initargs=(1,)
                        )
                    )
                yield
        finally:
            self._pool = None
            torch.set_num_threads(allowed)

    def shares(self, pieces: Sequence[Piece]) -> list[Sequence[Piece]]:
        """Divide the pieces of a batch among the replicas, evenly and in order."""
        total, count = len(pieces), len(self.modules)
        return [pieces[n * total // count : (n + 1) * total // count] for n in range(count)]

    def __call__(
        self, pieces: Sequence[Piece], backward: Callable[[nn.Module, Piece], Result]
    ) -> list[Result]:
        """Compute the pieces and leave the sum of their gradients in the module.

        Args:
            pieces: the pieces of a batch, divided evenly and in order.
            backward: computes the loss of a piece and its gradients with a replica.

        Returns:
            the results of `backward`, in order.
        """
        first, *others = self.modules
        for replica in others:
            _follow(first, replica)
        shares = self.shares(pieces)

        def compute(number: int) -> list[Result]:
            return [backward(self.modules[number], piece) for piece in shares[number]]

        results = self._compute_all(compute)
        for replica in others:
            _move_gradients(replica, first)
        return [result for found in results for result in found]

    def _compute_all(self, compute: Callable[[int], list[Result]]) -> list[list[Result]]:
        """Return `compute(number)` of all replicas, in parallel where threads share nothing."""
        numbers = range(len(self.modules))
        if self._pool is not None and self._shared_generator is False:
            waiting = [self._pool.submit(compute, number) for number in numbers[1:]]
            return [compute(0), *(future.result() for future in waiting)]
        before = torch.default_generator.get_state()
        results = [compute(number) for number in numbers]
        if self._shared_generator is None:
            self._shared_generator = not torch.equal(before, torch.default_generator.get_state())
        return results

    def share_out(
        self, function: Callable[[Piece], Result], items: Sequence[Piece]
    ) -> list[Result]:
        """Return `function(item)` for each item, in order; each free thread takes the next item."""
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
    """Return a copy of a module that shares its parameters but not its gradients and buffers."""
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
    """Copy the mode of each layer (training or evaluation) to the replica."""
    for layer, twin in zip(module.modules(), replica.modules(), strict=True):
        twin.training = layer.training


def _move_gradients(replica: nn.Module, module: nn.Module) -> None:
    """Add a replica's gradients to the module's and clear them in the replica."""
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
