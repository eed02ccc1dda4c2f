"""Checkpoints: safetensors for arrays, JSON for the rest; nothing is ever unpickled.

A checkpoint is a folder that appears by one rename: `step-00000120/` with a file per group of
arrays (`model.safetensors`, `optimizer.safetensors`, ...) and `state.json`. The last two are
kept. `final/` holds what was learned: `model.safetensors` and `model.json`, which says what model
it belongs to.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.errors import RunFailed, UsageError
from nntasks.storage import atomic_write

KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk."""

    path: Path
    state: Mapping[str, Any]

    def arrays(self, group: str) -> dict[str, Any]:
        """Return the arrays of a group: torch tensors where torch is loaded, else NumPy arrays."""
        return load_arrays(self.path / f"{group}.safetensors")


class Checkpoints:
    """The checkpoints of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for leftover in folder.glob(".*.tmp"):  # of a run that was killed while writing
            shutil.rmtree(leftover, ignore_errors=True)

    def save(
        self, step: int, groups: Mapping[str, Mapping[str, Any]], state: Mapping[str, Any]
    ) -> None:
        """Save a checkpoint after optimiser step `step` and forget all but the last two."""
        self._write(f"step-{step:08d}", groups, "state.json", state)
        for old in self._steps()[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)

    def save_final(self, arrays: Mapping[str, Any], description: Mapping[str, Any]) -> None:
        """Save what was learned, described well enough to build the model again."""
        self._write("final", {"model": arrays}, "model.json", description)

    def latest(self) -> Checkpoint | None:
        """Return the newest checkpoint, if there is one."""
        steps = self._steps()
        if not steps:
            return None
        return Checkpoint(steps[-1], json.loads((steps[-1] / "state.json").read_text("utf-8")))

    @property
    def final(self) -> Path | None:
        """The file of the learned weights, once training is done."""
        path = self.folder / "final" / "model.safetensors"
        return path if path.is_file() else None

    def _steps(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("step-*") if path.is_dir())

    def _write(
        self,
        name: str,
        groups: Mapping[str, Mapping[str, Any]],
        json_name: str,
        value: Mapping[str, Any],
    ) -> None:
        target = self.folder / name
        if target.exists():  # the same step of the same run has the same content
            return
        temporary = self.folder / f".{name}.{secrets.token_hex(4)}.tmp"
        try:
            temporary.mkdir()
            for group, arrays in groups.items():
                atomic_write.write_bytes(temporary / f"{group}.safetensors", dump_arrays(arrays))
            atomic_write.write_text(temporary / json_name, atomic_write.to_json(value))
            os.rename(temporary, target)
        except OSError as error:
            raise RunFailed(f"cannot write checkpoint {target}: {error.strerror}") from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def dump_arrays(arrays: Mapping[str, Any]) -> bytes:
    """Return arrays, all of torch or all of NumPy, in safetensors format."""
    if any(type(array).__module__.startswith("torch") for array in arrays.values()):
        import safetensors.torch

        tensors = {name: array.detach().contiguous() for name, array in arrays.items()}
        return safetensors.torch.save(tensors)
    import numpy as np
    import safetensors.numpy

    return safetensors.numpy.save({name: np.ascontiguousarray(a) for name, a in arrays.items()})


def load_arrays(path: Path) -> dict[str, Any]:
    """Read a safetensors file: torch tensors where torch is loaded already, else NumPy arrays.

    Raises:
        UsageError: the file cannot be read or is damaged.
    """
    import sys

    from safetensors import SafetensorError

    try:
        if "torch" in sys.modules:
            import safetensors.torch

            return safetensors.torch.load(path.read_bytes())
        import safetensors.numpy

        return safetensors.numpy.load(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read weights {path}: {error.strerror}") from error
    except SafetensorError as error:
        raise UsageError(f"{path} is damaged or not a safetensors file: {error}") from error
