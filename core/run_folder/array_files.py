"""Arrays by name in the safetensors format, of NumPy or of torch.

Arrays that share memory, such as tied weights, are stored once. The file's metadata list the names
of each array, and loading restores all of them.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from nntasks.errors import UsageError

Framework = Literal["numpy", "torch"]

_TIED = "tied"  # key in a file's metadata: {"name": "name of the array that is stored"} as JSON


def dump_arrays(arrays: Mapping[str, Any]) -> bytes:
    """Return arrays, all of torch or all of NumPy, in safetensors format."""
    if any(type(array).__module__.startswith("torch") for array in arrays.values()):
        return _dump_tensors(arrays)
    import numpy as np
    import safetensors.numpy

    return safetensors.numpy.save({name: np.asarray(a, order="C") for name, a in arrays.items()})


def _dump_tensors(arrays: Mapping[str, Any]) -> bytes:
    import safetensors.torch

    names: dict[tuple[Any, ...], str] = {}
    stored: dict[str, Any] = {}
    tied: dict[str, str] = {}
    for name, array in arrays.items():
        tensor = array.detach()
        place = (tensor.device, tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype)
        if tensor.numel() and place in names:
            tied[name] = names[place]
            continue
        names[place] = name
        stored[name] = tensor.contiguous()
    metadata = {_TIED: json.dumps(tied, sort_keys=True)} if tied else None
    return safetensors.torch.save(_apart(stored), metadata)


def _apart(tensors: dict[str, Any]) -> dict[str, Any]:
    """Copy tensors that overlap partially in memory, which the format cannot express."""
    seen: set[int] = set()
    found = {}
    for name, tensor in tensors.items():
        storage = tensor.untyped_storage().data_ptr()
        found[name] = tensor.clone() if tensor.numel() and storage in seen else tensor
        seen.add(storage)
    return found


def load_arrays(path: Path, framework: Framework = "numpy") -> dict[str, Any]:
    """Read a safetensors file.

    Args:
        path: the file.
        framework: "numpy" or "torch", whichever wrote the file; NumPy has no bfloat16.

    Raises:
        UsageError: the file cannot be read or is damaged.
    """
    from safetensors import SafetensorError

    arrays: dict[str, Any]
    try:
        content = path.read_bytes()
        if framework == "torch":
            import safetensors.torch

            arrays = safetensors.torch.load(content)
        else:
            import safetensors.numpy

            arrays = safetensors.numpy.load(content)
    except OSError as error:
        raise UsageError(f"cannot read weights {path}: {error.strerror}") from error
    except SafetensorError as error:
        raise UsageError(f"{path} is not a readable safetensors file: {error}") from error
    return arrays | {name: arrays[other] for name, other in _tied(content).items()}


def _tied(content: bytes) -> dict[str, str]:
    (length,) = struct.unpack("<Q", content[:8])
    metadata = json.loads(content[8 : 8 + length]).get("__metadata__") or {}
    return json.loads(metadata.get(_TIED, "{}"))
