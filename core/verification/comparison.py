"""Compares a repeated training with what its run left: rows, hashes, checkpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nntasks.run_folder.array_files import load_arrays
from nntasks.storage.atomic_write import to_json
from nntasks.verification.tensors import first_difference
from nntasks.verification.verdict import Replayed


class Comparison:
    """What was compared so far, and the first difference.

    Args:
        rows: the rows of metrics.jsonl.
        hashes: the rows of hashes.jsonl.
        checkpoints: the folders of checkpoints by step.
        start: the step that the repeated training starts from.

    Attributes:
        steps: the steps done since.
        in_tensors: whether a tensor differs.
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        hashes: Sequence[Mapping[str, Any]],
        checkpoints: Mapping[int, Path],
        start: int,
    ) -> None:
        self._rows, self._checkpoints = rows, checkpoints
        self._hashes = {row.get("epoch"): row for row in hashes}
        self._found = Replayed(start)
        self.steps = 0
        self.in_tensors = False

    def row(self, number: int, row: Mapping[str, Any]) -> None:
        """Compare a row of metrics.jsonl, counted from 0."""
        if number >= len(self._rows):
            return
        old, new = self._rows[number], json.loads(to_json(dict(row)))
        self._found.rows += 1
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                self.differ(
                    f"step {new['step']}, {new['split']} {name} was {old.get(name)!r}, "
                    f"is {new.get(name)!r}"
                )
                return

    def hashes(self, epoch: int, hashes: Mapping[str, str]) -> None:
        """Compare the hashes of an epoch."""
        stored = self._hashes.get(epoch)
        if stored is None:
            return
        self._found.epochs += 1
        for name, what in (("order", "order of samples"), ("weights", "weights after it")):
            if name in stored and stored[name] != hashes.get(name):
                self.differ(f"epoch {epoch}, the hash of the {what}")

    def checkpoint(self, step: int, groups: Mapping[str, Mapping[str, Any]]) -> None:
        """Compare the arrays of a step with its checkpoint, if there is one."""
        place = self._checkpoints.get(step)
        if place is not None and step > self._found.start:
            self._found.checkpoints += 1
            for group, arrays in groups.items():
                self._arrays(f"step {step}, {group}", place / f"{group}.safetensors", arrays)

    def final(self, arrays: Mapping[str, Any], file: Path) -> None:
        """Compare the final weights."""
        if file.is_file():
            self._found.checkpoints += 1
            self._arrays("final weights", file, arrays)

    def _arrays(self, where: str, file: Path, arrays: Mapping[str, Any]) -> None:
        if not file.is_file():
            self._tensor(f"{where}: {file.name} is missing")
            return
        torch = any(hasattr(array, "detach") for array in arrays.values())
        stored = load_arrays(file, "torch" if torch else "numpy")
        self._found.tensors += len(stored)
        # Formats store names in an order of their own.
        difference = first_difference(
            {name: stored[name] for name in arrays if name in stored} | stored, arrays
        )
        if difference:
            self._tensor(f"{where}, {difference}")

    def _tensor(self, what: str) -> None:
        if not self.in_tensors and self._found.first:
            self._found.first += f"; first different tensor: {what}"
        self.differ(what)
        self.in_tensors = True

    def differ(self, what: str) -> None:
        """Keep the first difference."""
        self._found.first = self._found.first or what

    def replayed(self) -> Replayed:
        """Return what was found."""
        self._found.steps = self.steps
        return self._found
