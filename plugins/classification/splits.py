"""Splits of labelled pictures, and their division."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, DataInfo, Split, Splits


class LabelledPictures(Split):
    """Labelled pictures.

    Args:
        pictures: (N, H, W, C) uint8.
        labels: (N,) integers from 0.
        ids: a unique name for each; numbers by default.
    """

    def __init__(
        self, pictures: np.ndarray, labels: np.ndarray, ids: Sequence[int | str] | None = None
    ) -> None:
        self.pictures = pictures
        self.labels = labels.astype(np.int64)
        self.ids = list(range(len(labels))) if ids is None else list(ids)

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, indices: Sequence[int], *, epoch: int | None = None) -> Batch:
        chosen = np.asarray(indices, dtype=np.int64)
        ids = [self.ids[index] for index in chosen]
        return Batch(self.pictures[chosen], self.labels[chosen], ids)

    def part(self, indices: np.ndarray) -> LabelledPictures:
        """Return the split of the given samples, in the given order."""
        ids = [self.ids[index] for index in indices]
        return LabelledPictures(self.pictures[indices], self.labels[indices], ids)


def whole(part: Split, classes: Sequence[str], input_shape: Sequence[int]) -> Splits:
    """Return splits whose three parts are one."""
    return Splits(part, part, part, DataInfo(tuple(classes), tuple(input_shape)))


def check_labels(labels: np.ndarray, classes: int, where: str) -> None:
    """Refuse labels that are out of range.

    Raises:
        UsageError: names the first such label.
    """
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(wrong):
        raise UsageError(
            f"{where}: expected labels from 0 to {classes - 1}, got {labels[wrong[0]]} "
            f"at number {wrong[0]}"
        )


def cut(
    whole: LabelledPictures, share: float, rng: np.random.Generator
) -> tuple[LabelledPictures, LabelledPictures]:
    """Split off a share, the same of every class up to rounding.

    Args:
        whole: the split to divide.
        share: size of the second part, in [0, 1).
        rng: draws the members of the second part.

    Returns:
        the rest and the part, each in the order of `whole`. The part has at least one picture of
        every class that has two or more, unless the share is 0.
    """
    taken = np.zeros(len(whole), dtype=bool)
    for label in np.unique(whole.labels) if share else ():
        members = np.flatnonzero(whole.labels == label)
        count = min(max(round(share * len(members)), 1), len(members) - 1)
        taken[rng.permutation(members)[:count]] = True
    return whole.part(np.flatnonzero(~taken)), whole.part(np.flatnonzero(taken))
