"""Checkpoints: safetensors for arrays, JSON for the rest; nothing is ever unpickled.

A checkpoint is a folder that appears by one rename: `step-00000120/` with a file per group of
arrays (`model.safetensors`, `optimizer.safetensors`, ...) and `state.json`. The last two are
kept. `final/` holds what was learned: `model.safetensors` and `model.json`, which says what model
it belongs to. Each has the checksums of its files in `SHA256SUMS`: a damaged checkpoint is found,
and the one before it used. Each also has what goes with it: the rows of metrics.jsonl up to there,
and the fingerprint of the data.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.errors import RunFailed, UsageError
from nntasks.run_folder import reading
from nntasks.run_folder.array_files import Framework, dump_arrays, load_arrays
from nntasks.storage import atomic_write, checksums, removal
from nntasks.storage.atomic_write import RESUME
from nntasks.storage.failures import cannot_write

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
    """The checkpoints of one run.

    Args:
        folder: the folder of the checkpoints.
        beside: returns further files for each checkpoint, by name.
    """

    def __init__(self, folder: Path, beside: Callable[[], Mapping[str, bytes]] = dict) -> None:
        self.folder = folder
        self._beside = beside
        self._whole: set[Path] = set()  # checkpoints with verified checksums

    def save(
        self, step: int, groups: Mapping[str, Mapping[str, Any]], state: Mapping[str, Any]
    ) -> None:
        """Save a checkpoint after optimiser step `step`; keep only the last two."""
        self._write(f"step-{step:08d}", groups, "state.json", state)
        for old in self._steps()[:-KEPT]:
            removal.remove_folder(old)

    def save_final(self, arrays: Mapping[str, Any], description: Mapping[str, Any]) -> None:
        """Save the final weights with a description from which the model can be rebuilt."""
        self._write("final", {"model": arrays}, "model.json", description)

    def latest(self) -> Checkpoint | None:
        """Return the newest intact checkpoint, if there is one.

        Raises:
            UsageError: there are checkpoints, and all are damaged.
        """
        damages = []
        for path in reversed(self._steps()):
            damage = self._damage(path)
            if not damage:
                return Checkpoint(path, reading.read_json(path / "state.json"))
            damages.append(f"{path}: {damage}")
        if damages:
            raise UsageError(
                f"no checkpoint can be used, {damages[0]}; restore {self.folder} from a copy, or "
                "remove it to train from the beginning"
            )
        return None

    def discard_damaged(self, say: Callable[[str], None]) -> None:
        """Remove damaged checkpoints if an intact one exists, and report them.

        Raises:
            UsageError: there are checkpoints, and all are damaged.
        """
        final = self.folder / "final"
        damage = self._damage(final) if final.is_dir() else ""
        if damage:
            say(f"{final} is damaged: {damage}; training goes on from before it")
            removal.remove_folder(final)
        if self.final is None:
            newest = self.latest()
            for path in self._steps() if newest else ():
                if damage := self._damage(path):
                    assert newest is not None
                    say(f"{path} is damaged: {damage}; {newest.path.name} is used")
                    removal.remove_folder(path)

    def _damage(self, path: Path) -> str:
        damage = "" if path in self._whole else checksums.damage(path)
        if not damage:
            self._whole.add(path)
        return damage

    @property
    def final(self) -> Path | None:
        """The file of the final weights, if training is complete."""
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
        if target.exists():  # an existing checkpoint of this step has the same content
            return
        temporary = self.folder / f".{name}.{secrets.token_hex(4)}.tmp"
        try:
            temporary.mkdir()
            for group, arrays in groups.items():
                content = dump_arrays(arrays)
                atomic_write.write_bytes(temporary / f"{group}.safetensors", content, RESUME)
            atomic_write.write_text(temporary / json_name, atomic_write.to_json(value), RESUME)
            for other, content in self._beside().items():
                atomic_write.write_bytes(temporary / other, content, RESUME)
            checksums.write(temporary)
            os.rename(temporary, target)
            self._whole.add(target)
        except OSError as error:
            raise RunFailed(cannot_write(target, error, RESUME)) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
