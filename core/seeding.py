"""Named random streams, each a function of (seed, name, epoch, step) alone.

A stream does not depend on earlier draws, so a run that is resumed or distributed draws the same
numbers as an uninterrupted run in one process. The key of a stream is a BLAKE2b hash of its
coordinates. NumPy streams use Philox 4x64-10, a counter-based generator (Salmon et al.,
"Parallel random numbers: as easy as 1, 2, 3", SC 2011).
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import device as Device

TORCH_GENERATOR = threading.RLock()  # held while torch's own generator is on a stream


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

        For code that accepts no generator, such as initialisers and torchvision's transforms. There
        is one such generator in a process, so threads take turns in these blocks.
        """
        import torch

        with TORCH_GENERATOR, torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(self.integer(name, *coordinates))
            yield

    def seed_torch(self, device: Device, name: str, *coordinates: int) -> None:
        """Set torch's own generators, the CPU's and the device's, to the start of a stream.

        Call it before each step of modules that draw random numbers, such as dropout, and only
        inside `torch_generators_kept`. `torch.manual_seed` would seed all kinds of devices and
        store a stack trace per call for unused ones, which costs 0.1 ms and memory.
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
    """Restore torch's own generators, the CPU's and the device's, after the block."""
    import torch

    devices = [] if device.type == "cpu" else [torch.get_device_module(device).current_device()]
    kind = "cuda" if device.type == "cpu" else device.type
    with torch.random.fork_rng(devices=devices, device_type=kind):
        yield
