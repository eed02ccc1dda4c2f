"""A split of labelled pictures, and how one is cut from another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, Split


class LabelledPictures(Split):
    """Pictures with a class each.

    Args:
        pictures: (N, H, W, C) uint8.
        labels: (N,) integers from 0.
        ids: a name for each, unique; numbers if left out.
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
        """Return some of it, in the order given."""
        ids = [self.ids[index] for index in indices]
        return LabelledPictures(self.pictures[indices], self.labels[indices], ids)


def check_labels(labels: np.ndarray, classes: int, where: str) -> None:
    """Refuse labels that are no class.

    Raises:
        UsageError: naming the first.
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
    """Cut a share off, the same from every class up to rounding.

    Args:
        whole: what is cut.
        share: in [0, 1): the size of the second part.
        rng: draws who goes where.

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
