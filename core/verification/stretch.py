"""The part of a training to repeat."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.run_folder import RunFolder, reading
from nntasks.run_folder.checkpoints import Checkpoint


@dataclass(frozen=True)
class Stretch:
    """The part of a training to repeat.

    Attributes:
        steps: how many steps; None for all from the beginning.
        start: the step of the checkpoint to start from; None for the oldest one that is kept, or
            for the beginning if no checkpoint is kept. 0 is the beginning.
    """

    steps: int | None = None
    start: int | None = None


def processes(run: Path) -> int:
    """Return how many processes shared a run."""
    stored = RunFolder.open(run).read_json("environment.json") or {}
    return int(stored.get("processes", 1))


def stored_checkpoints(folder: RunFolder) -> dict[int, Path]:
    """Return the checkpoints of a run by step, oldest first."""
    places = sorted(path for path in folder.checkpoints.glob("step-*") if path.is_dir())
    return {int(path.name.removeprefix("step-")): path for path in places}


def starting_point(folder: RunFolder, stretch: Stretch) -> Checkpoint | None:
    """Return the checkpoint that a stretch starts from; None for the beginning.

    Raises:
        UsageError: there is no checkpoint of that step.
    """
    stored = stored_checkpoints(folder)
    start = stretch.start
    if start is None:
        start = 0 if stretch.steps is None or not stored else min(stored)
    if start == 0:
        return None
    if start not in stored:
        known = ", ".join(map(str, stored)) or "none"
        raise UsageError(f"--from: expected 0 or the step of a checkpoint ({known}), got {start}")
    return Checkpoint(stored[start], reading.read_json(stored[start] / "state.json"))
