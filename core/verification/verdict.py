"""What was found about a run, and the verdict in one line."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nntasks.report.formatting import how_many
from nntasks.verification.machine import Change, reason
from nntasks.verification.numbers import Compared

TOLERANCE = 1e-3  # largest difference of a number elsewhere, relative to numbers above 1


@dataclass
class Replayed:
    """What a repeated training was compared in.

    Attributes:
        start: the step that it started from.
        steps: how many steps it did.
        rows: rows of metrics.jsonl.
        epochs: epochs with hashes.
        checkpoints: checkpoints, the final weights among them.
        tensors: arrays in them.
        first: the first difference; empty if there is none.
        numbers: those of the new weights; None if they are the same weights, or a stretch.
    """

    start: int = 0
    steps: int = 0
    rows: int = 0
    epochs: int = 0
    checkpoints: int = 0
    tensors: int = 0
    first: str = ""
    numbers: Compared | None = None

    @property
    def compared(self) -> int:
        """How many things were compared."""
        return self.rows + self.epochs + self.tensors


@dataclass
class Verification:
    """What was found about a run.

    Attributes:
        run: its folder.
        tolerance: the largest difference of a number in another environment.
        damage: what is missing, damaged or contradicts another file, a line each.
        changed: which files have changed since the run ended, by their checksums.
        data: how the data differ; empty if they do not.
        environment: what differs.
        numbers: those computed again; None if they could not be.
        replay: the training that was repeated, if it was.
        notes: what could not be checked, and why.
    """

    run: Path
    tolerance: float = TOLERANCE
    damage: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    data: str = ""
    environment: list[Change] = field(default_factory=list)
    numbers: Compared | None = None
    replay: Replayed | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether the run is the same, or its numbers are within the tolerance elsewhere."""
        sound = not (self.damage or self.changed or self.data)
        return sound and (self._exact or self._within)

    @property
    def _exact(self) -> bool:
        exact = not (self.numbers and self.numbers.differing)
        return exact and not (self.replay and self.replay.first)

    @property
    def _largest(self) -> float:
        """The largest difference of a number; infinite if only tensors can be compared."""
        found = [self.numbers.largest] if self.numbers else []
        if self.replay and self.replay.first:
            found.append(self.replay.numbers.largest if self.replay.numbers else math.inf)
        return max(found, default=math.inf)

    @property
    def _within(self) -> bool:
        return bool(reason(self.environment)) and self._largest <= self.tolerance

    def verdict(self) -> str:
        """Return the verdict in one line."""
        elsewhere = reason(self.environment)
        if self.damage:
            return f"different: {_first(self.damage)}"
        if self.data:
            return f"different: the data have changed: {self.data}"
        if not self._exact and not self._within:
            return f"different: {self._difference()}" + (f"; {elsewhere}" if elsewhere else "")
        if self.changed:
            return f"different: {_first(self.changed)}"
        if self._exact:
            return f"the same to the last bit: {self._compared()}"
        return f"numbers within {_rounded_up(self._largest)} {elsewhere}"

    def _difference(self) -> str:
        if self.numbers and self.numbers.first:
            return f"{self.numbers.first}{_others(self.numbers)}"
        assert self.replay is not None
        numbers = self.replay.numbers
        then = f"; in the end {numbers.first}" if numbers and numbers.first else ""
        return f"{self.replay.first}{then}"

    def _compared(self) -> str:
        words = [how_many(self.numbers.count, "number")] if self.numbers else []
        if replay := self.replay:
            words += [
                f"{how_many(replay.steps, 'step')} from step {replay.start}",
                how_many(replay.rows, "row"),
                how_many(replay.epochs, "epoch"),
                (
                    f"{how_many(replay.tensors, 'tensor')} of "
                    f"{how_many(replay.checkpoints, 'checkpoint')}"
                ),
            ]
        return ", ".join([*words, "files and data"])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "run": str(self.run),
            "verdict": self.verdict(),
            "passed": self.passed,
            "exact": self.passed and self._exact,
            "tolerance": self.tolerance,
            "damage": self.damage,
            "changed": self.changed,
            "data": self.data,
            "environment": [change.to_dict() for change in self.environment],
            "numbers": asdict(self.numbers) if self.numbers else None,
            "replay": asdict(self.replay) if self.replay else None,
            "notes": self.notes,
        }


def _first(lines: list[str]) -> str:
    return lines[0] + (f"; and {len(lines) - 1} more" if len(lines) > 1 else "")


def _others(numbers: Compared) -> str:
    return f" (and {numbers.differing - 1} more)" if numbers.differing > 1 else ""


def _rounded_up(value: float) -> str:
    """Return a number with one digit, not below `value`: 3e-4."""
    exponent = math.floor(math.log10(value)) if value else 0
    digit = math.ceil(value / 10**exponent - 1e-9)
    digit, exponent = (1, exponent + 1) if digit == 10 else (digit, exponent)
    return f"{digit}e{exponent}"
