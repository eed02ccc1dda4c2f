"""Named random streams, each a function of (seed, name, epoch, step) and of nothing else.

A stream does not depend on what was drawn before, so a run that is resumed, or spread over
processes and workers, draws the same numbers as one that was never disturbed. The key of a
stream is a BLAKE2b hash of its coordinates; NumPy streams use Philox 4x64-10, a counter-based
generator (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import device as Device


@dataclass(frozen=True)
class Seeds:
    """The random streams of one run."""

    seed: int

    def key(self, name: str, *coordinates: int) -> int:
        """Return a 128-bit key for stream `name` at `coordinates`, e.g. (epoch, step)."""
        text = "\x1f".join(["nntasks", str(self.seed), name, *map(str, coordinates)])
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")

    def numpy(self, name: str, *coordinates: int) -> np.random.Generator:
        """Return a NumPy generator at the start of a stream."""
        import numpy as np

        return np.random.Generator(np.random.Philox(key=self.key(name, *coordinates)))

    def torch(self, name: str, *coordinates: int) -> torch.Generator:
        """Return a CPU torch generator at the start of a stream."""
        import torch

        return torch.Generator().manual_seed(self.integer(name, *coordinates))

    @contextlib.contextmanager
    def torch_global(self, name: str, *coordinates: int) -> Iterator[None]:
        """Set torch's own CPU generator to the start of a stream while the block runs.

        For code that takes no generator: initialisations, transforms of torchvision.
        """
        import torch

        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(self.integer(name, *coordinates))
            yield

    def seed_torch(self, device: Device, name: str, *coordinates: int) -> None:
        """Set torch's own generators, the CPU's and the device's, to the start of a stream.

        For modules that draw while they compute, as dropout does, before every step.
        Use it where the generators are put back afterwards: inside of `torch_generators_kept`.
        `torch.manual_seed` would reach for all kinds of devices and keep a stack trace of each call
        for those that are not in use: a tenth of a millisecond, and memory.
        """
        import torch

        seed = self.integer(name, *coordinates)
        torch.default_generator.manual_seed(seed)
        if device.type != "cpu":
            torch.get_device_module(device).manual_seed(seed)

    def integer(self, name: str, *coordinates: int) -> int:
        """Return a non-negative 63-bit integer, for libraries that take a seed."""
        return self.key(name, *coordinates) & (2**63 - 1)


@contextlib.contextmanager
def torch_generators_kept(device: Device) -> Iterator[None]:
    """Leave torch's own generators, the CPU's and the device's, as they were before the block."""
    import torch

    devices = [] if device.type == "cpu" else [torch.get_device_module(device).current_device()]
    kind = "cuda" if device.type == "cpu" else device.type
    with torch.random.fork_rng(devices=devices, device_type=kind):
        yield
