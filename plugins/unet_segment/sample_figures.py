"""Single pictures with what the model says of them: drawn large, and as thumbnails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from nntasks.plugins.unet_segment.model import UnetModel
from nntasks.plugins.unet_segment.prediction import outlines, overlay
from nntasks.plugins.unet_segment.samples import IGNORED, OBJECT
from nntasks.plugins.unet_segment.splits import MaskedPictures

_HIT, _ALARM, _MISS = (60, 160, 90), (220, 60, 40), (50, 90, 220)
_LINE = "#ffe600"
_AT_ONCE = 16  # pictures
_SIDE, _GAP = 192, 4  # most pixels of a thumbnail's halves, and between them


@dataclass(frozen=True)
class Case:
    """One picture.

    Attributes:
        name: of the sample.
        picture: (H, W, 3) uint8.
        truth: (H, W) of 0, 1 and 255.
        shares: (H, W) probabilities.
    """

    name: Any
    picture: np.ndarray
    truth: np.ndarray
    shares: np.ndarray


def cases(model: UnetModel, split: MaskedPictures, names: Sequence[Any]) -> Iterator[Case]:
    """Yield what the model says of samples, in the order of `names`."""
    places = {name: index for index, name in enumerate(split.names)}
    for first in range(0, len(names), _AT_ONCE):
        batch = split.batch([places[name] for name in names[first : first + _AT_ONCE]])
        shares = model.predict(batch)
        for parts in zip(batch.ids, batch.inputs, batch.targets, shares, strict=True):
            yield Case(*parts)


def error_map(truth: np.ndarray, called: np.ndarray) -> np.ndarray:
    """Return (H, W, 3) uint8: hits green, false alarms red, misses blue, uncounted pixels grey."""
    picture = np.full((*truth.shape, 3), 245, np.uint8)
    on = truth == OBJECT
    picture[on & called], picture[~on & called], picture[on & ~called] = _HIT, _ALARM, _MISS
    picture[truth == IGNORED] = 190
    return picture


def draw_cases(
    model: UnetModel,
    split: MaskedPictures,
    names: Sequence[Any],
    scores: Mapping[Any, float],
    threshold: float,
) -> Any:
    """Draw pictures, probabilities and errors of some samples, each with its Dice."""
    from nntasks.report import style

    figure = style.new_figure(1.5 * len(names), 4.7)
    panels = figure.subplots(3, len(names), squeeze=False)
    for axes in panels.flatten():
        axes.axis("off")
    for column, case in zip(panels.T, cases(model, split, names), strict=True):
        column[0].imshow(case.picture)
        for line in outlines(case.shares, threshold):
            column[0].plot(*(line.T - 0.5), color=_LINE, linewidth=1.2)  # centres are whole numbers
        column[0].set_title(
            f"{style.plain(str(case.name))}\nDice {scores[case.name]:.3f}", fontsize=7, loc="center"
        )
        column[1].imshow(case.shares, cmap="gray", vmin=0, vmax=1)
        column[2].imshow(error_map(case.truth, case.shares >= threshold))
    return figure


def thumbnail(case: Case, threshold: float) -> Any:
    """Return a PIL image: the picture with the answer over it, and the map of errors beside it."""
    called = case.shares >= threshold
    halves = [
        overlay(case.picture, called, outlines(case.shares, threshold)),
        Image.fromarray(error_map(case.truth, called)),
    ]
    for half in halves:
        half.thumbnail((_SIDE, _SIDE))
    width, height = halves[0].size
    both = Image.new("RGB", (2 * width + _GAP, height), "white")
    for place, half in zip((0, width + _GAP), halves, strict=True):
        both.paste(half, (place, 0))
    return both
