"""Metrics: measures whose partial states merge to the same number in any order."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any


class Metric(ABC):
    """A measure of predictions against targets.

    The state must be counts, or records that `compute` sorts, so that the numbers are bit-identical
    for any order of updates, any batch size and any number of processes.
    """

    @abstractmethod
    def reset(self) -> None: ...

    @abstractmethod
    def update(self, predictions: Sequence[Any], targets: Any, ids: Sequence[int | str]) -> None:
        """Add one batch: predictions, targets and sample ids."""

    @abstractmethod
    def merge(self, other: Any) -> None:
        """Add the state of another instance of the same metric."""

    @abstractmethod
    def compute(self) -> dict[str, float]:
        """Return the numbers by lower-case name."""

    @abstractmethod
    def definitions(self) -> dict[str, str]:
        """Return the exact definition of each number of `compute`, one sentence each."""

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return 95 % intervals (low, high) of numbers of `compute`, over the samples.

        Called once, for the final numbers. `nntasks.statistics` has what computes them. Numbers
        without an interval are shown without one, and the report says so.
        """
        return {}

    def fresh(self) -> Any:
        """Return an empty metric of the same kind."""
        twin = copy.deepcopy(self)
        twin.reset()
        return twin
