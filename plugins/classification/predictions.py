"""The table of predictions, and the metrics computed from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

TOP = 5
BINS = 15  # bins of the calibration error, as in Guo et al.


@dataclass(frozen=True)
class Predictions:
    """The predictions for N samples of K classes, by id.

    Attributes:
        ids: (N,) names.
        labels: (N,) int64, true classes.
        probabilities: (N, K) float64, rows that sum to 1.
    """

    ids: Sequence[int | str]
    labels: np.ndarray
    probabilities: np.ndarray

    @property
    def classes(self) -> int:
        """K."""
        return self.probabilities.shape[1]

    @cached_property
    def predicted(self) -> np.ndarray:
        """(N,) the most probable class; the first of equal ones."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def confidence(self) -> np.ndarray:
        """(N,) the highest probability."""
        return self.probabilities.max(axis=1)

    @cached_property
    def of_truth(self) -> np.ndarray:
        """(N,) the probability of the true class."""
        return self.probabilities[np.arange(len(self.labels)), self.labels]


@dataclass(frozen=True)
class PerClass:
    """Metrics of each class, (K,) float64; NaN where the denominator is 0.

    Attributes:
        support: samples of the class.
        precision: share of the samples predicted as the class that belong to it.
        recall: share of the samples of the class that are predicted as it.
        f1: their harmonic mean, 2 TP / (2 TP + FP + FN).
    """

    support: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


def confusion(table: Predictions) -> np.ndarray:
    """Return (K, K) int64 counts: rows are true classes, columns predicted ones."""
    counts = np.zeros((table.classes, table.classes), dtype=np.int64)
    np.add.at(counts, (table.labels, table.predicted), 1)
    return counts


def per_class(counts: np.ndarray) -> PerClass:
    """Return the metrics of each class from a confusion matrix."""
    right = counts.diagonal().astype(float)
    true, called = counts.sum(axis=1), counts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return PerClass(true, right / called, right / true, 2 * right / (true + called))


def macro(values: np.ndarray, support: np.ndarray) -> float:
    """Return the mean over the classes that occur; undefined values count as 0."""
    present = support > 0
    return float(np.nan_to_num(values[present]).mean()) if present.any() else float("nan")


def top_accuracy(table: Predictions, count: int) -> float:
    """Return the share of samples whose true class is among the `count` most probable."""
    return float(is_among_top(table, count).mean())


def is_among_top(table: Predictions, count: int) -> np.ndarray:
    """Return (N,) bool, whether the true class is among the `count` most probable.

    Ties in probability are broken by class order.
    """
    own = table.of_truth[:, None]
    before = np.arange(table.classes) < table.labels[:, None]
    rank = ((table.probabilities > own) | ((table.probabilities == own) & before)).sum(axis=1)
    return rank < count


def squared_errors(table: Predictions) -> np.ndarray:
    """Return (N,) float64: the squared differences of probabilities and truth, summed over classes.

    Their mean is the Brier score, 0..2: G. W. Brier, "Verification of forecasts expressed in terms
    of probability", Monthly Weather Review 78 (1950).
    """
    hot = np.eye(table.classes)[table.labels]
    return ((table.probabilities - hot) ** 2).sum(axis=1)


def log_likelihood(table: Predictions) -> float:
    """Return the mean negative log-likelihood in nats; probabilities are at least 2^-52."""
    return float(-np.log(np.maximum(table.of_truth, np.finfo(np.float64).eps)).mean())


@dataclass(frozen=True)
class Reliability:
    """Accuracy against confidence, in bins of equal confidence width.

    Attributes:
        count: (BINS,) samples in each bin; a bin includes its upper edge, not its lower one.
        confidence, accuracy: (BINS,) mean of each bin; NaN for an empty bin.
    """

    count: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray

    @property
    def error(self) -> float:
        """Expected calibration error (Guo et al., ICML 2017, equation 5)."""
        gap = np.abs(np.nan_to_num(self.accuracy - self.confidence))
        return float((self.count * gap).sum() / self.count.sum())


def reliability(table: Predictions) -> Reliability:
    """Sort samples into bins by their confidence."""
    bins = np.clip(np.ceil(table.confidence * BINS).astype(int) - 1, 0, BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    sums = np.bincount(bins, table.confidence, BINS)
    right = np.bincount(bins, table.predicted == table.labels, BINS)
    with np.errstate(invalid="ignore"):
        return Reliability(count, sums / count, right / count)
