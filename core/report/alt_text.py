"""Alternative text: what a figure shows, in words, from its axes, names and values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nntasks.report.formatting import how_many

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MatplotlibFigure

    from nntasks.interfaces.report_data import Figure

LONGEST = 700  # characters; screen readers cannot pause in an alternative text
_TELLING = 30  # characters; a shorter description, as of pictures without names, is not enough
_MOST_NAMED = 8  # series or bars of a panel, and pictures in a row


def alt_text(figure: Figure, drawn: Any) -> str:
    """Return the words for a figure: its own, else a description of what was drawn.

    Args:
        figure: its `alt` is taken if there is one.
        drawn: what `draw` returned; pictures that are no Matplotlib figures are described by the
            caption.
    """
    if figure.alt:
        return figure.alt
    told = describe(drawn) if hasattr(drawn, "savefig") else ""
    if len(told) >= _TELLING:
        return told
    return " ".join(part for part in (told, figure.caption or figure.title) if part)


def confusion_words(counts: np.ndarray, names: Sequence[str]) -> str:
    """Describe a confusion matrix (K, K), rows true: how many are right, the commonest mistakes."""
    pairs = [
        (int(count), row, column)
        for row, line in enumerate(counts.tolist())
        for column, count in enumerate(line)
        if count and row != column
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1:]))
    right, total = int(counts.trace()), int(counts.sum())
    classes = how_many(len(names), "class", "classes")
    text = f"Confusion matrix of {classes}: {right} of {total} are correct."
    listed = [f"{names[row]} → {names[column]} {count}" for count, row, column in pairs]
    return f"{text} Most frequent mistakes: {_listed(listed)}." if listed else text


def describe(figure: MatplotlibFigure) -> str:
    """Return a description: the panels, their axes, and the first, last and extreme values."""
    shown = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    shown = [axes for axes in shown if axes.get_visible()]
    pictures = [axes for axes in shown if axes.images and not axes.axison]
    told = [_panel(axes) for axes in shown if axes not in pictures]
    if pictures:
        titles = [title for axes in pictures if (title := _title(axes))]
        named = f": {_listed(titles)}" if titles else ""
        count = how_many(len(pictures), "picture")
        if 0 < len(titles) < len(pictures):  # those without a title show a titled one again
            count = f"{how_many(len(titles), 'picture')} in {len(pictures)} panels"
        told.insert(0, f"{count}{named}.")
    sentences = [sentence for sentence in told if sentence]
    text = " ".join(sentences)
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def _panel(axes: Axes) -> str:
    """Describe one panel, such as `loss over epoch: train 2.3 to 0.1; validation 2.1 to 0.4.`"""
    series = [*_lines(axes), *_bars(axes)]
    name = _title(axes)
    x, y = _flat(axes.get_xlabel()), _flat(axes.get_ylabel())
    over = f"{y} over {x}" if x and y else y or x
    head = f"{name} ({over})" if name and over else name or over
    if axes.images:
        series.append("a grid of coloured cells")
    series += _points(axes)
    if not head and not series:
        return ""
    return f"{head}: {_listed(series, '; ')}." if series else f"{head}."


def _lines(axes: Axes) -> Iterator[str]:
    for line in axes.get_lines():
        label = str(line.get_label())
        values, places = _finite(line.get_ydata(orig=False)), _finite(line.get_xdata(orig=False))
        if label.startswith("_") or not values:
            continue
        label = _flat(label)
        if len(set(places)) == 1:  # a point, or a vertical line
            yield label
            continue
        label = label.split(": ")[0]
        if line.get_linestyle() == "None":
            yield f"{label}, {how_many(len(values), 'point')}"
            continue
        text = f"{label} from {values[0]:.3g} to {values[-1]:.3g}"
        low, high = min(values), max(values)
        if high > max(values[0], values[-1]):
            text += f", highest {high:.3g}"
        if low < min(values[0], values[-1]):
            text += f", lowest {low:.3g}"
        yield text


def _bars(axes: Axes) -> Iterator[str]:
    from matplotlib.container import BarContainer

    for bars in axes.containers:
        if not isinstance(bars, BarContainer) or not len(bars):
            continue
        lying = bars.orientation == "horizontal"
        sizes = [bar.get_width() if lying else bar.get_height() for bar in bars]
        ticks = axes.get_yticklabels() if lying else axes.get_xticklabels()
        names = [_flat(tick.get_text()) for tick in ticks]
        label = str(bars.get_label())
        head = "" if label.startswith("_") else f"{_flat(label)} "
        if len(names) == len(sizes):
            pairs = [f"{name} {size:.3g}" for name, size in zip(names, sizes, strict=True)]
            yield head + _listed(pairs)
        elif len(sizes) == 1:
            yield f"{head}one bar of {sizes[0]:.3g}"
        else:
            yield f"{head}{len(sizes)} bars from {min(sizes):.3g} to {max(sizes):.3g}"


def _points(axes: Axes) -> Iterator[str]:
    from matplotlib.collections import PathCollection

    clouds = [part for part in axes.collections if isinstance(part, PathCollection)]
    offsets: list[Any] = [part.get_offsets() for part in clouds]
    count = sum(len(points) for points in offsets)
    if count:
        names = [_flat(str(part.get_label())) for part in clouds]
        shown = [name for name in names if not name.startswith("_")]
        yield how_many(count, "point") + (f" of {_listed(shown)}" if shown else "")


def _title(axes: Axes) -> str:
    return _flat(next((t for p in ("left", "center", "right") if (t := axes.get_title(loc=p))), ""))


def _flat(text: str) -> str:
    return " ".join(text.replace(r"\$", "$").split())


def _listed(parts: Sequence[str], between: str = ", ") -> str:
    shown = between.join(parts[:_MOST_NAMED])
    more = len(parts) - _MOST_NAMED
    return f"{shown}{between}and {more} more" if more > 0 else shown


def _finite(values: Any) -> list[float]:
    numbers = [float(value) for value in values]
    return [value for value in numbers if math.isfinite(value)]
