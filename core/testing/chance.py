"""Run code with changed global random generators, on which it must not depend."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator

import numpy as np


@contextlib.contextmanager
def other_chance(number: int) -> Iterator[None]:
    """Set the global generators of Python, NumPy and torch to a seed while the block runs.

    Results that depend only on `Seeds` are the same for any number.
    """
    torch = sys.modules.get("torch")
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    kept = torch.get_rng_state() if torch else None
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002
    if torch:
        torch.default_generator.manual_seed(number)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        if torch:
            torch.set_rng_state(kept)


def torch_state() -> bytes:
    """Return the state of torch's global generator; empty if torch is not loaded."""
    torch = sys.modules.get("torch")
    return torch.get_rng_state().numpy().tobytes() if torch else b""
