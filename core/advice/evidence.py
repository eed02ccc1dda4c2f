"""The numbers that the rules look at, in the form they need."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nntasks.interfaces.yardsticks import Yardsticks
from nntasks.report.formatting import as_number

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Evidence:
    """A finished run as the rules see it.

    Attributes:
        metric: the first headline metric.
        value: its value on the test split; NaN if there is none.
        ends: its 95 % interval, or None.
        samples: test samples.
        history: the rows of metrics.jsonl.
        keys: the configuration by key.
        yardsticks: what the task knows.
    """

    metric: str
    value: float
    ends: tuple[float, float] | None = None
    samples: int = 0
    history: Sequence[Mapping[str, Any]] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    yardsticks: Yardsticks = field(default_factory=Yardsticks)

    @property
    def training(self) -> Points:
        """(epoch, loss) of training, the mean over the rows of each epoch."""
        rows: dict[int, list[float]] = {}
        for epoch, loss in self._points("train", "loss"):
            rows.setdefault(max(math.ceil(epoch), 1), []).append(loss)
        return [(float(epoch), sum(values) / len(values)) for epoch, values in rows.items()]

    @property
    def training_rows(self) -> Points:
        """(epoch, loss) of every training row."""
        return self._points("train", "loss")

    @property
    def validation(self) -> Points:
        """(epoch, loss) of validation; a classifier's is its negative log-likelihood."""
        return self._points("validation", "loss") or self._points("validation", "nll")

    @property
    def validated_metric(self) -> Points:
        """(epoch, value) of the first headline metric on the validation split."""
        return self._points("validation", self.metric)

    def _points(self, split: str, name: str) -> Points:
        found: Points = []
        for row in self.history:
            if row.get("split") != split:
                continue
            epoch, value = as_number(row.get("epoch")), as_number(row.get(name))
            if epoch is not None and value is not None and math.isfinite(value):
                found.append((epoch, value))
        return found


def evidence(
    summary: Mapping[str, Any],
    history: Sequence[Mapping[str, Any]],
    keys: Mapping[str, Any],
    yardsticks: Yardsticks,
) -> Evidence | None:
    """Return the evidence of a run from its summary.json; None if it has no headline metric."""
    names = list(summary.get("headline", ()))
    if not names:
        return None
    value = as_number(summary["metrics"].get(names[0]))
    ends = summary.get("intervals", {}).get(names[0])
    return Evidence(
        names[0],
        math.nan if value is None else value,
        tuple(ends) if ends else None,
        int(summary.get("samples", 0)),
        history,
        keys,
        yardsticks,
    )
