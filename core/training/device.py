"""The device to compute on."""

from __future__ import annotations

import os

import torch

from nntasks.errors import UsageError


def resolve_device(name: str) -> torch.device:
    """Return the device for `device=NAME`; under torchrun each process gets its own.

    Raises:
        UsageError: there is no such device.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "mps" and not torch.backends.mps.is_available():
        raise UsageError("device: expected a device of this machine, got mps; use device=cpu")
    if name.startswith("cuda"):
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        index = int(name.partition(":")[2] or os.environ.get("LOCAL_RANK", "0"))
        if index >= count:
            raise UsageError(
                f"device: expected one of {count} CUDA devices of this machine, got {name}; "
                "use device=cpu"
            )
        return torch.device("cuda", index)
    return torch.device(name)
