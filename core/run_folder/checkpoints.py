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

from nntasks.errors import RunFailed
from nntasks.run_folder.array_files import Framework, dump_arrays, load_arrays
from nntasks.storage import atomic_write

KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk."""

    path: Path
    state: Mapping[str, Any]

    def arrays(self, group: str, framework: Framework = "numpy") -> dict[str, Any]:
        """Return the arrays of a group (see `nntasks.run_folder.array_files.load_arrays`)."""
        return load_arrays(self.path / f"{group}.safetensors", framework)


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
