"""What is scored: boxes, and the flags that some programs heed and others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.records import FlatRecords


@dataclass(frozen=True)
class Problem:
    """A truth and the detections of one program.

    Attributes:
        class_names: (C,) names by label.
        records: all boxes.
        difficult: (G,) bool, objects marked as difficult, in the order of `records`.
        without_id: (G,) bool, annotations with the id 0, which pycocotools never matches.
    """

    class_names: tuple[str, ...]
    records: FlatRecords
    difficult: np.ndarray
    without_id: np.ndarray

    @classmethod
    def of(cls, class_names: Sequence[str], records: FlatRecords) -> Problem:
        """Return a problem without difficult objects and ids of 0."""
        none = np.zeros(len(records.truths.label), bool)
        return cls(tuple(class_names), records, none, none)
