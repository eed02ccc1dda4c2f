"""Weights from elsewhere: files of tensors by name, read without running anything.

A `.safetensors` file holds numbers only. A `.pt` file is opened with `weights_only=True`: a state
dict comes through, a pickled program is refused.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nntasks.errors import UsageError

_WRAPPERS = ("state_dict", "model_state_dict", "model", "ema")  # where a .pt keeps its state dict
_CONVERT = 'how to convert it: "Weights from elsewhere" in docs/data.md'


def read_weights(path: Path) -> tuple[dict[str, Tensor], Any]:
    """Return the tensors of a file by name, and what it says of class names (None if nothing).

    Raises:
        UsageError: it cannot be read, or holds more than numbers.
    """
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    if path.suffix in (".pt", ".pth"):
        return _read_pickle(path)
    raise UsageError(
        f"weights: expected a .safetensors, .pt or .pth file, or the folder of a run, got {path}"
    )


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            state = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            return state, (file.metadata() or {}).get("names")
    except (OSError, SafetensorError) as error:
        raise UsageError(f"{path} is no readable safetensors file: {_line(error)}") from error


def _read_pickle(path: Path) -> tuple[dict[str, Tensor], Any]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UsageError(
            f"{path} holds a pickled program besides its numbers and is not opened, as that could "
            f"run anything; {_CONVERT}"
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise UsageError(f"{path} is no readable PyTorch file: {_line(error)}") from error
    names = content.get("names") if isinstance(content, Mapping) else None
    for _ in range(2):  # at most {"model": {"state_dict": ...}}
        for key in _WRAPPERS:
            if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
                content = content[key]
                break
    if not isinstance(content, Mapping):
        raise UsageError(f"{path}: expected a state dict, got {type(content).__name__}; {_CONVERT}")
    state = {
        str(key).removeprefix("module."): value  # of DistributedDataParallel
        for key, value in content.items()
        if isinstance(value, Tensor)
    }
    return state, names


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())
