"""A fixed number of threads for numbers that must not depend on how many there are.

Threads split the work of an operation, and the split decides the order of sums: of weight gradients
of convolutions, statistics of batch norm, losses, matrix products. Even an elementwise function
rounds otherwise where a vector of the processor ends at another element. One thread is the only
split that every number of threads can make; docs/decisions/0019-verify.md has the list.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from nntasks.training.config import TrainingConfig


def one_thread(config: TrainingConfig) -> contextlib.AbstractContextManager[None]:
    """Compute with one thread within the block if the configuration asks for it."""
    return single_thread() if config.deterministic == "threads" else contextlib.nullcontext()


@contextlib.contextmanager
def single_thread() -> Iterator[None]:
    """Let torch have one thread within the block."""
    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
