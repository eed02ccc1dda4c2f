"""Figures and thumbnails of single pictures with their predictions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from nntasks.plugins.unet_segment.model import UnetModel
from nntasks.plugins.unet_segment.prediction import outlines, overlay
from nntasks.plugins.unet_segment.samples import IGNORED, OBJECT
from nntasks.plugins.unet_segment.splits import MaskedPictures
from nntasks.report import colours, style

_HIT, _ALARM, _MISS = (
    tuple(round(255 * value) for value in colours.rgb(name))
    for name in (style.RIGHT, style.WRONG, style.MISSED)
)
_LINE = "#ffe600"
_AT_ONCE = 16  # pictures per batch
_SIDE, _GAP = 192, 4  # pixels: largest side of a thumbnail's halves, and the gap between them


@dataclass(frozen=True)
class PredictedSample:
    """One picture with its prediction.

    Attributes:
        name: name of the sample.
        picture: (H, W, 3) uint8.
        truth: (H, W) of 0, 1 and 255.
        shares: (H, W) probabilities.
    """

    name: Any
    picture: np.ndarray
    truth: np.ndarray
    shares: np.ndarray


def predicted_samples(
    model: UnetModel, split: MaskedPictures, names: Sequence[Any]
) -> Iterator[PredictedSample]:
    """Yield samples with their predictions, in the order of `names`."""
    places = {name: index for index, name in enumerate(split.names)}
    for first in range(0, len(names), _AT_ONCE):
        batch = split.batch([places[name] for name in names[first : first + _AT_ONCE]])
        shares = model.predict(batch)
        for parts in zip(batch.ids, batch.inputs, batch.targets, shares, strict=True):
            yield PredictedSample(*parts)


def error_map(truth: np.ndarray, called: np.ndarray) -> np.ndarray:
    """Return (H, W, 3) uint8: TP green, FP orange, FN blue, uncounted pixels grey."""
    picture = np.full((*truth.shape, 3), 245, np.uint8)
    on = truth == OBJECT
    picture[on & called], picture[~on & called], picture[on & ~called] = _HIT, _ALARM, _MISS
    picture[truth == IGNORED] = 190
    return picture


def draw_samples(
    model: UnetModel,
    split: MaskedPictures,
    names: Sequence[Any],
    scores: Mapping[Any, float],
    threshold: float,
) -> Any:
    """Draw pictures, probabilities and errors of some samples, each with its Dice."""
    figure = style.new_figure(max(1.1 * len(names), 3.0), 4.0)
    panels = figure.subplots(3, len(names), squeeze=False)
    for axes in panels.flatten():
        axes.axis("off")
    for column, sample in zip(panels.T, predicted_samples(model, split, names), strict=True):
        column[0].imshow(sample.picture)
        for line in outlines(sample.shares, threshold):
            column[0].plot(
                *(line.T - 0.5), color=_LINE, linewidth=1.2
            )  # pixel centres are integers
        column[0].set_title(
            f"{style.plain(str(sample.name))}\n{_score(scores[sample.name])}",
            fontsize=8,
            loc="center",
        )
        column[1].imshow(sample.shares, cmap="gray", vmin=0, vmax=1)
        column[2].imshow(error_map(sample.truth, sample.shares >= threshold))
    for axes, name in zip(panels[:, 0], ("prediction", "probability", "errors"), strict=True):
        style.name_row(axes, name)
    return figure


def _score(dice: float) -> str:
    """Return the line of a sample's score; Dice is not defined where nothing is nor is found."""
    return "no object" if math.isnan(dice) else f"Dice {dice:.3f}"


def thumbnail(sample: PredictedSample, threshold: float) -> Any:
    """Return a PIL image: the overlay, with the error map beside it."""
    called = sample.shares >= threshold
    halves = [
        overlay(sample.picture, called, outlines(sample.shares, threshold)),
        Image.fromarray(error_map(sample.truth, called)),
    ]
    for half in halves:
        half.thumbnail((_SIDE, _SIDE))
    width, height = halves[0].size
    both = Image.new("RGB", (2 * width + _GAP, height), "white")
    for place, half in zip((0, width + _GAP), halves, strict=True):
        both.paste(half, (place, 0))
    return both
