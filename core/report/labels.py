"""Labels of points that hide neither each other nor the points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nntasks.report import style

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GAP = 3.0  # points between a point and its label
_MARKER = 2.5  # points around a point that labels leave free
# The lower left corner of a label from its point: in widths and heights of the label, and in gaps.
_PLACES = (
    (0.0, -0.5, 1, 0),
    (-1.0, -0.5, -1, 0),
    (-0.5, 0.0, 0, 1),
    (-0.5, -1.0, 0, -1),
    (0.0, 0.0, 1, 1),
    (-1.0, 0.0, -1, 1),
    (0.0, -1.0, 1, -1),
    (-1.0, -1.0, -1, -1),
)


def write_labels(
    figure: Figure,
    panels: Sequence[tuple[Axes, np.ndarray, Sequence[str]]],
    size: float = style.SMALLEST,
) -> int:
    """Write words beside points, each at the first of eight places that is free; return how many.

    A word without a free place is left out, so put the important ones first. Call this last: it
    settles the layout of the figure.

    Args:
        figure: the figure.
        panels: axes with points (N, 2) in their data coordinates and N words.
        size: of the letters, in points.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return sum(_write(figure, axes, points, words, size) for axes, points, words in panels)


def _write(
    figure: Figure, axes: Axes, points: np.ndarray, words: Sequence[str], size: float
) -> int:
    import numpy as np
    from matplotlib.transforms import offset_copy

    scale = figure.dpi / 72
    pixels = axes.transData.transform(points)
    marker = _MARKER * scale
    taken = np.concatenate([pixels - marker, pixels + marker], axis=1)
    inside, written = np.array(axes.get_window_extent().extents), 0
    middle = (inside[0] + inside[2]) / 2
    for place, (point, word) in enumerate(zip(points, words, strict=True)):
        text = axes.text(point[0], point[1], style.plain(word), fontsize=size, color=style.INK)
        box = text.get_window_extent()
        anchor = pixels[place]
        sizes, gap = np.array([box.width, box.height]), _GAP * scale
        # Outwards first: what is drawn between points stays free.
        turn = -1 if anchor[0] < middle else 1
        for across, up, right, above in _PLACES:
            if turn < 0:
                across, right = -1 - across, -right
            low = anchor + sizes * (across, up) + gap * np.array([right, above])
            wanted = np.concatenate([low, low + sizes])
            if _free(wanted, inside, taken):
                x, y = (wanted[:2] - box.min) / scale
                text.set_transform(offset_copy(axes.transData, figure, x, y, units="points"))
                taken = np.concatenate([taken, wanted[None]])
                written += 1
                break
        else:
            text.remove()
    return written


def _free(wanted: np.ndarray, inside: np.ndarray, taken: np.ndarray) -> bool:
    """Whether a box (left, low, right, high) lies inside and overlaps none of those taken."""
    if (wanted[:2] < inside[:2]).any() or (wanted[2:] > inside[2:]).any():
        return False
    apart = (wanted[:2] >= taken[:, 2:]) | (wanted[2:] <= taken[:, :2])
    return bool(apart.any(axis=1).all())
