"""Read weight files of other programs without executing code.

A `.safetensors` file contains only numbers. A `.pt` file is opened with `weights_only=True`, which
accepts a state dict and refuses pickled programs.
"""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nntasks.errors import UsageError
from nntasks.run_folder.array_files import load_arrays

_WRAPPERS = (
    "state_dict",
    "model_state_dict",
    "model",
    "ema",
)  # keys of the state dict in a .pt file
_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"  # signatures of torch.save files, new and old
_PROGRAM = re.compile("GLOBAL|reduce|instantiate|Unsupported class|Can only build")
_CONVERT = 'how to convert it: "Weights from elsewhere" in docs/data.md'


def read_weights(path: Path) -> tuple[dict[str, Tensor], Any]:
    """Return the tensors of a file by name, and the class names it contains (None if it has none).

    The prefixes `module.` and `_orig_mod.` of torch's wrappers are removed.

    Raises:
        UsageError: the file cannot be read or contains more than numbers.
    """
    readers = {".safetensors": _read_safetensors, ".pt": _read_pickle, ".pth": _read_pickle}
    if path.suffix not in readers:
        raise UsageError(
            "weights: expected a .safetensors, .pt or .pth file, or the folder of a run, got "
            f"{path}"
        )
    state, names = readers[path.suffix](path)
    return _unwrapped(state), names


def _read_safetensors(path: Path) -> tuple[dict[str, Tensor], Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            names = (file.metadata() or {}).get("names")
    except (OSError, SafetensorError) as error:
        raise UsageError(f"{path} is not a readable safetensors file: {_line(error)}") from error
    return load_arrays(path, "torch"), names


def _read_pickle(path: Path) -> tuple[dict[str, Tensor], Any]:
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if not (start == _ZIP or start[:1] == _PICKLE):
            raise UsageError(
                f"{path} is not a PyTorch file: it begins with {start.hex(' ') or 'nothing'}"
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns about pickle versions
            content = torch.load(path, map_location="cpu", weights_only=True)
    except UsageError:
        raise
    except Exception as error:  # damaged pickles raise any exception
        if isinstance(error, pickle.UnpicklingError) and _PROGRAM.search(str(error)):
            raise UsageError(
                f"{path} contains a pickled program, which could run any code, so it is not "
                f"opened; {_CONVERT}"
            ) from error
        raise UsageError(f"{path} is not a readable PyTorch file: {_line(error)}") from error
    names = content.get("names") if isinstance(content, Mapping) else None
    for _ in range(2):  # at most {"model": {"state_dict": ...}}
        for key in _WRAPPERS:
            if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
                content = content[key]
                break
    if not isinstance(content, Mapping):
        raise UsageError(f"{path}: expected a state dict, got {type(content).__name__}; {_CONVERT}")
    return {str(k): value for k, value in content.items() if isinstance(value, Tensor)}, names


def _unwrapped(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Remove the prefixes of torch's wrappers, in any order and number.

    torch.compile adds `_orig_mod`, also inside a name. Parallel and averaged modules add a leading
    `module`; the counter `n_averaged` of the latter is removed, too.
    """
    state = {name: value for name, value in state.items() if name != "n_averaged"}
    found: dict[str, Tensor] = {}
    for name, value in state.items():
        parts = [part for part in name.split(".") if part != "_orig_mod"]
        while len(parts) > 1 and parts[0] == "module":
            del parts[0]
        found[".".join(parts)] = value
    return found if len(found) == len(state) else state


def _line(error: BaseException) -> str:
    """Return the first sentence of an error as one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text.partition("WeightsUnpickler error: ")[2].partition(". ")[0] or text[:200]
