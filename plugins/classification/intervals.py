"""Intervals of the numbers of a classifier, over the samples."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nntasks.plugins.classification.predictions import (
    BINS,
    TOP,
    Predictions,
    is_among_top,
    squared_errors,
)
from nntasks.statistics.bootstrap import Estimate, Replicates, replicates
from nntasks.statistics.proportions import wilson


def intervals(table: Predictions, *, seed: int = 0) -> dict[str, Estimate]:
    """Return the metrics with 95 % intervals, by name as in `ClassificationMetric.compute`.

    Accuracy, top 5 and micro F1 are shares of samples and have Wilson's intervals; the others have
    BCa intervals.
    """
    return with_intervals(table, sample_replicates(table, seed=seed))


def sample_replicates(table: Predictions, *, seed: int = 0) -> dict[str, Replicates]:
    """Return every number on resamples of the samples; empty without samples."""
    count = len(table.labels)
    return replicates(lambda w: weighted_numbers(table, w), count, seed=seed) if count else {}


def with_intervals(table: Predictions, known: Mapping[str, Replicates]) -> dict[str, Estimate]:
    """Return what `intervals` does, from the replicates of the table."""
    count = len(table.labels)
    if not count:
        return {}
    accuracy = wilson(int((table.predicted == table.labels).sum()), count)
    top = wilson(int(is_among_top(table, TOP).sum()), count)
    found = {name: one.interval() for name, one in known.items()}
    return found | {"accuracy": accuracy, "f1_micro": accuracy, "top5": top}


def weighted_numbers(table: Predictions, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return every metric of each weighting.

    Args:
        table: the predictions for N samples.
        weights: (W, N) uint8, how often each sample counts.

    Returns:
        (W,) float64 each.
    """
    columns = weights.T.astype(np.float64)  # sums of whole numbers in it are exact
    right = table.predicted == table.labels
    hits = _sums(table.labels, columns, table.classes, right)
    true = _sums(table.labels, columns, table.classes)
    called = _sums(table.predicted, columns, table.classes)
    each = {"precision": _share(hits, called), "recall": _share(hits, true)}
    each["f1"] = _share(2 * hits, true + called)
    present, total = true > 0, columns.sum(axis=0)
    macros = {
        f"{name}_macro": _share(np.where(present, values, 0).sum(axis=0), present.sum(axis=0))
        for name, values in each.items()
    }
    surprise = -np.log(np.maximum(table.of_truth, np.finfo(np.float64).eps))
    bins = np.clip(np.ceil(table.confidence * BINS).astype(int) - 1, 0, BINS - 1)
    gap = _sums(bins, columns, BINS, right - table.confidence)
    accuracy = _share(right @ columns, total)
    return macros | {
        "accuracy": accuracy,
        "f1_micro": accuracy,  # each sample has one class and one prediction
        "top5": _share(is_among_top(table, TOP) @ columns, total),
        "brier": _share(squared_errors(table) @ columns, total),
        "nll": _share(surprise @ columns, total),
        "ece": _share(np.abs(gap).sum(axis=0), total),
    }


def _sums(
    group: np.ndarray, columns: np.ndarray, groups: int, values: np.ndarray | None = None
) -> np.ndarray:
    """(groups, W): the weighted sum of the values, or of ones, of the samples of each group."""
    from scipy.sparse import csr_matrix

    entries = np.ones(len(group)) if values is None else np.asarray(values, dtype=np.float64)
    shape = (groups, len(group))
    return np.asarray(csr_matrix((entries, (group, np.arange(len(group)))), shape) @ columns)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole; 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=np.asarray(whole) > 0)
