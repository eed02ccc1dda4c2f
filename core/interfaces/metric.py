"""What a metric is to core: a measure whose parts merge to the same number in any order."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any


class Metric(ABC):
    """A measure of predictions against targets.

    The state must be counts, or records that `compute` sorts, so that any order of updates, any
    batch size and any number of processes give the same number to the last bit.
    """

    @abstractmethod
    def reset(self) -> None: ...

    @abstractmethod
    def update(self, predictions: Sequence[Any], targets: Any, ids: Sequence[int | str]) -> None:
        """Take in one batch: what the model said, what is true, and the samples' names."""

    @abstractmethod
    def merge(self, other: Any) -> None:
        """Take in all that another instance of the same metric has seen."""

    @abstractmethod
    def compute(self) -> dict[str, float]:
        """Return the numbers, by flat lower-case name."""

    @abstractmethod
    def definitions(self) -> dict[str, str]:
        """Return one sentence per number of `compute`: the exact convention."""

    def fresh(self) -> Any:
        """Return an empty metric of the same kind."""
        twin = copy.deepcopy(self)
        twin.reset()
        return twin
