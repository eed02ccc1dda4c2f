"""The black box: what a training leaves when its loss or its gradient is not finite.

It holds the layer and the tensor that were not finite first, the samples of the batch, the learning
rate, and the loss and norms of the last hundred steps. The update of that step is not made, so the
step can be run again.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nntasks.training.epochs import Progress, Trainer

KEPT = 100  # steps whose loss and norms are kept
PARAMETER_STEPS = 10  # steps between norms of the parameters, which cost more than the others
_MOST_IDS = 10_000


@dataclass(frozen=True)
class Cause:
    """The first value that is not finite.

    Attributes:
        place: the layer, such as `network.3 (ReLU)`, the loss, or the words.
        tensor: what of it: its output, a parameter, a gradient.
        operation: the operation that made it, such as `aten.log`; empty if it is not known.
        detail: its shape, how many values are not finite, and the largest input.
    """

    place: str
    tensor: str
    operation: str = ""
    detail: str = ""

    def __str__(self) -> str:
        made = f" ({self.operation})" if self.operation else ""
        return f"{self.tensor} of {self.place}{made} went first"


class BlackBox:
    """Keeps the last steps of a training and ends it when a value is not finite.

    Args:
        trainer: does the steps.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._steps: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def record(self, batch: Any, measured: Mapping[str, float], progress: Progress) -> None:
        """Keep the values of a step that was just done; `progress` is that before it.

        Raises:
            Diverged: the loss or the norm of the gradient is infinite or not a number.
        """
        trainer = self._trainer
        norms = trainer.norms(progress)
        row = {"step": progress.step + 1, "epoch": progress.epoch + 1, "lr": trainer.lr}
        row |= {"loss": measured["loss"], **norms}
        self._steps.append(row)
        values = {"loss": measured["loss"], "gradient norm": norms.get("gradient_norm", 0.0)}
        for what, value in values.items():
            if not math.isfinite(value):
                self._end(f"the {what} became {value}", batch, progress)

    def _end(self, what: str, batch: Any, progress: Progress) -> None:
        trainer = self._trainer
        cause = _searched(trainer, batch, progress)
        samples = trainer.samples(progress.epoch)
        accident = {
            "what": what,
            "at": trainer.place(progress),
            "epoch": progress.epoch + 1,
            "batch": progress.batch + 1,
            "step": progress.step + 1,
            "lr": trainer.lr,
            "first": asdict(cause),
            "indices": [] if samples is None else samples[progress.batch].tolist()[:_MOST_IDS],
            "ids": [str(name) for name in trainer.ids(batch)][:_MOST_IDS],
        }
        trainer.run.diverged(accident, str(cause), list(self._steps), trainer.advice)


def _searched(trainer: Trainer, batch: Any, progress: Progress) -> Cause:
    """Return the first value that was not finite; the search runs the step again."""
    try:
        found = trainer.first_cause(batch, progress)
    except Exception as error:  # the loss is worth more than the reason why the search failed
        reason = f"the step could not be run again: {type(error).__name__}: {error}"
        return Cause("an unknown layer", "a value", detail=" ".join(reason.split())[:500])
    if found is None:
        return Cause("an unknown layer", "a value", detail="the step run again stayed finite")
    return found
