"""The samples behind each cell of a classifier's confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nntasks.interfaces.report_data import Interactive
from nntasks.plugins.classification.predictions import Predictions, confusion
from nntasks.report.interactive.cells import confusion_cells


def cells(
    table: Predictions,
    classes: Sequence[str],
    pictures: Mapping[int | str, np.ndarray] | None,
) -> Interactive | None:
    """Return the matrix whose cells show their samples, the lowest probability of truth first.

    Args:
        table: the predictions.
        classes: class names by label.
        pictures: (H, W, C) uint8 by id; None if the samples are not pictures.
    """
    from PIL import Image

    samples: dict[tuple[int, int], list[Any]] = {}
    for i in np.argsort(table.of_truth, kind="stable"):
        cell = (int(table.labels[i]), int(table.predicted[i]))
        samples.setdefault(cell, []).append(table.ids[i])

    def picture(name: int | str) -> Image.Image:
        assert pictures is not None
        pixels = pictures[name]
        return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)

    draw = None if pictures is None else picture
    return confusion_cells(confusion(table), classes, classes, samples, draw)
