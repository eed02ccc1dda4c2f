"""The classification metric, computed from one table of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nntasks.errors import PluginError, UsageError
from nntasks.interfaces import DataInfo, Metric
from nntasks.plugins.classification.intervals import intervals
from nntasks.plugins.classification.predictions import (
    BINS,
    TOP,
    Predictions,
    confusion,
    log_likelihood,
    macro,
    per_class,
    reliability,
    top_accuracy,
)

_DEFINITIONS = {
    "accuracy": "share of samples whose most probable class is the true one",
    "top5": f"share of samples whose true class is among the {TOP} most probable",
    "f1_macro": "mean F1 over the classes that occur; 0 for a class that is never predicted",
    "precision_macro": "mean precision over the classes that occur; 0 where undefined",
    "recall_macro": "mean recall over the classes that occur (balanced accuracy)",
    "nll": "mean negative log-likelihood of the true class, in nats",
    "ece": f"expected calibration error, {BINS} bins of equal confidence width",
}


class ClassificationMetric(Metric):
    """All metrics of a classifier, from one table of predictions.

    Args:
        names: class names by label.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._classes = len(self.names)
        self.reset()

    def reset(self) -> None:
        self._rows: dict[int | str, tuple[int, np.ndarray]] = {}

    def update(self, predictions: Sequence[Any], targets: Any, ids: Sequence[int | str]) -> None:
        """Add probabilities (K,) and a label for each sample.

        Raises:
            UsageError: a label is out of range.
            PluginError: a prediction is not a distribution over the classes.
        """
        for name, label, row in zip(ids, targets, predictions, strict=True):
            probabilities = np.asarray(row, dtype=np.float64)
            if not 0 <= int(label) < self._classes:
                raise UsageError(
                    f"sample {name}: expected a label from 0 to {self._classes - 1}, got {label}"
                )
            if probabilities.shape != (self._classes,):
                raise PluginError(
                    f"sample {name}: expected {self._classes} probabilities, got shape "
                    f"{probabilities.shape}"
                )
            self._rows[name] = (int(label), probabilities)

    def merge(self, other: Any) -> None:
        self._rows |= other._rows

    @property
    def table(self) -> Predictions:
        """All predictions, sorted by id: the order of updates does not matter."""
        ids = sorted(self._rows, key=lambda name: (isinstance(name, str), name))
        labels = np.array([self._rows[name][0] for name in ids], dtype=np.int64)
        rows = [self._rows[name][1] for name in ids]
        stacked = np.stack(rows) if rows else np.empty((0, self._classes))
        return Predictions(ids, labels, stacked)

    def compute(self) -> dict[str, float]:
        table = self.table
        if not len(table.labels):
            return {name: float("nan") for name in self.definitions()}
        each = per_class(confusion(table))
        numbers = {
            "accuracy": float((table.predicted == table.labels).mean()),
            "top5": top_accuracy(table, TOP),
            "f1_macro": macro(each.f1, each.support),
            "precision_macro": macro(each.precision, each.support),
            "recall_macro": macro(each.recall, each.support),
            "nll": log_likelihood(table),
            "ece": reliability(table).error,
        }
        return {name: numbers[name] for name in self.definitions()}

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return Wilson's intervals of shares, and BCa intervals by the bootstrap over samples."""
        found = intervals(self.table)
        return {name: found[name][1:] for name in self.definitions() if name in found}

    def definitions(self) -> dict[str, str]:
        """Return the definitions; "top5" only if there are more than five classes."""
        return {k: v for k, v in _DEFINITIONS.items() if k != "top5" or self._classes > TOP}


def build(config: Any, info: DataInfo) -> ClassificationMetric:
    """Build the metric for the classes of the data."""
    return ClassificationMetric(info.classes)
