"""The figure of an explanation: the picture, its mask, the receptive fields, the terms by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.plugins.unet_segment.explanation.result import Explanation
from nntasks.plugins.unet_segment.prediction import outlines
from nntasks.plugins.unet_segment.sample_figures import error_map
from nntasks.plugins.unet_segment.samples import IGNORED, OBJECT

_LINE, _MARK = "#ffe600", "#e0007a"
_SIDE = 2.1  # inches of a panel
_GREY = 0.6  # of pixels that are not counted


@dataclass(frozen=True)
class Layer:
    """Values over a part of the picture.

    Attributes:
        values: (h, w).
        left, top, right, bottom: the edges of the part, in pixels of the picture.
    """

    values: np.ndarray
    left: int
    top: int
    right: int
    bottom: int

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The edges as Matplotlib takes them: the centres of pixels are integers."""
        return self.left - 0.5, self.right - 0.5, self.bottom - 0.5, self.top - 0.5


def draw(
    told: Explanation,
    picture: np.ndarray,
    truth: np.ndarray | None,
    shares: np.ndarray,
    gradient: Layer,
    terms: Sequence[Layer],
) -> Any:
    """Draw an explanation.

    Args:
        told: the explanation.
        picture: (H, W, 3) uint8.
        truth: (H, W) of 0, 1 and 255; None without a mask.
        shares: (H, W) probabilities.
        gradient: magnitude of the gradient.
        terms: the terms of each level.
    """
    from nntasks.report import style

    upper = 3 if truth is None else 5
    columns = max(upper, len(terms))
    figure = style.new_figure(_SIDE * columns, 2 * _SIDE + 0.7)
    panels = figure.subplots(2, columns, squeeze=False)
    for axes in panels.flatten():
        axes.axis("off")
    first = iter(panels[0])
    _draw_picture(next(first), told, picture, shares)
    if truth is not None:
        _show(next(first), told, "truth", _labels(truth), cmap="gray", vmin=0, vmax=1)
    title = f"probability {told.probability:.3f}"
    _show(next(first), told, title, shares, cmap="gray", vmin=0, vmax=1)
    if truth is not None:
        errors = error_map(truth, shares >= told.threshold)
        _show(next(first), told, "errors", errors)
    _draw_gradient(next(first), told, gradient)
    for axes, level, layer in zip(panels[1], told.levels, terms, strict=False):
        _draw_terms(axes, told, f"{level.name}: {level.contribution:+.3f}", layer, shares)
    name, (x, y) = style.plain(Path(told.file).name), told.pixel
    figure.suptitle(
        f"{name}, pixel {x},{y}: logit {told.logit:.3f} = {told.plain_logit:.3f} of a plain "
        "picture + the terms below",
        fontsize=9,
    )
    return figure


def _draw_picture(axes: Any, told: Explanation, picture: np.ndarray, shares: np.ndarray) -> None:
    _show(axes, told, "picture and receptive field", picture)
    _draw_outlines(axes, told, shares, _LINE)
    _draw_field(axes, told)


def _draw_gradient(axes: Any, told: Explanation, gradient: Layer) -> None:
    """Draw the gradient on a square-root scale, which shows its weak outer part."""
    from matplotlib.colors import PowerNorm

    largest = max(float(gradient.values.max()), 1e-30)
    axes.imshow(gradient.values, extent=gradient.extent, norm=PowerNorm(0.5, 0, largest))
    _mark(axes, told)
    axes.set_title("gradient, effective field", fontsize=7, loc="center")
    _draw_field(axes, told)
    rows = np.arange(gradient.top, gradient.bottom)
    columns = np.arange(gradient.left, gradient.right)
    limit = told.effective_field.share * largest
    if min(gradient.values.shape) > 1 and float(gradient.values.min()) < limit:
        axes.contour(columns, rows, gradient.values, [limit], colors="white", linewidths=0.6)
    box = told.field
    axes.set_xlim(box.left - 1.5, box.right + 1.5)
    axes.set_ylim(box.bottom + 1.5, box.top - 1.5)


def _draw_terms(axes: Any, told: Explanation, title: str, layer: Layer, shares: np.ndarray) -> None:
    """Draw terms in red where they raise the logit, in blue where they lower it."""
    largest = max(float(np.abs(layer.values).max()), 1e-30)
    axes.imshow(layer.values, extent=layer.extent, cmap="RdBu_r", vmin=-largest, vmax=largest)
    _draw_outlines(axes, told, shares, "black")
    _mark(axes, told)
    axes.set_title(f"{title}\n(colours to ±{largest:.2g})", fontsize=7, loc="center")
    left, right, bottom, top = layer.extent
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)


def _show(axes: Any, told: Explanation, title: str, values: np.ndarray, **words: Any) -> None:
    axes.imshow(values, **words)
    _mark(axes, told)
    axes.set_title(title, fontsize=7, loc="center")


def _labels(truth: np.ndarray) -> np.ndarray:
    return np.where(truth == IGNORED, _GREY, (truth == OBJECT).astype(float))


def _mark(axes: Any, told: Explanation) -> None:
    x, y = told.pixel
    axes.plot([x], [y], "s", color=_MARK, markersize=5, fillstyle="none", markeredgewidth=1.2)


def _draw_field(axes: Any, told: Explanation) -> None:
    box = told.field
    left, right, top, bottom = box.left - 0.5, box.right + 0.5, box.top - 0.5, box.bottom + 0.5
    axes.plot(
        [left, right, right, left, left],
        [top, top, bottom, bottom, top],
        "--",
        color=_MARK,
        linewidth=1,
        clip_on=False,
    )


def _draw_outlines(axes: Any, told: Explanation, shares: np.ndarray, colour: str) -> None:
    for line in outlines(shares, told.threshold):
        axes.plot(*(line.T - 0.5), color=colour, linewidth=0.9)  # pixel centres are integers
