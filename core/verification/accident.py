"""The accident of a run repeated, from the last checkpoint to the step of its black box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.errors import Diverged, UsageError
from nntasks.run_folder import RunFolder
from nntasks.runner.commands import joined
from nntasks.runner.task_making import task_of
from nntasks.runner.weights import starting_model
from nntasks.training.black_box import Cause
from nntasks.verification.replay import Enough, replaying
from nntasks.verification.stretch import Stretch, stored_checkpoints


@dataclass(frozen=True)
class Accident:
    """An accident, and the same step repeated.

    Attributes:
        run: the folder of the run.
        stored: the content of black_box/accident.json.
        repeated: the same of the repeated training; None if it stayed finite.
    """

    run: Path
    stored: dict[str, Any]
    repeated: dict[str, Any] | None

    @property
    def passed(self) -> bool:
        """Whether the same value went first in the same step."""
        return self.repeated is not None and all(
            self.stored.get(key) == self.repeated.get(key) for key in ("step", "what", "first")
        )

    def verdict(self) -> str:
        """Return what happened, in one line."""
        at = f"step {self.stored['step']} ({self.stored['at']})"
        if self.repeated is None:
            return f"different: repeated, {at} stayed finite; {self.stored['what']} in the run"
        cause = Cause(**self.repeated["first"])
        found = f"{self.repeated['what']}; {cause}; {cause.detail}"
        if self.passed:
            return f"the same accident at {at}: {found}"
        return f"different: at step {self.repeated['step']} {found}; in the run at {at}: " + str(
            Cause(**self.stored["first"])
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "run": str(self.run),
            "verdict": self.verdict(),
            "passed": self.passed,
            "stored": self.stored,
            "repeated": self.repeated,
        }


def replay_accident(path: Path, *, say: Callable[[str], None], quiet: bool = True) -> Accident:
    """Repeat the accident of a run; every operation of the last step is checked.

    Raises:
        UsageError: the run has no black box.
    """
    folder = RunFolder.open(path)
    stored = folder.read_json("black_box/accident.json")
    if stored is None:
        raise UsageError(
            f"{folder.path} has no black_box; expected a run whose loss was not finite"
        )
    task = task_of(folder)
    splits = contracts.load_data(task)
    model, _ = starting_model(task, splits, None)
    before = [step for step in stored_checkpoints(folder) if step < stored["step"]]
    start = max(before, default=0)
    say(f"training from step {start} to step {stored['step']}")
    stretch = Stretch(stored["step"] - start, start)
    repeated = None
    with (
        joined() as workers,
        replaying(folder, task, splits, workers, stretch, quiet=quiet) as run,
    ):
        run.stops_early = False
        try:
            model.fit(splits.train, validation=splits.validation, run=run)
        except Diverged as error:
            repeated = dict(error.accident)
        except Enough:
            pass
    return Accident(folder.path, stored, repeated)
