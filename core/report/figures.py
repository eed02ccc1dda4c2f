"""The figures that every run has, and the way from a figure to a picture."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.report.style import COLOURS, house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NO_SCALARS = ("split", "step", "epoch")
_COLUMNS = 3
_MOST_VALIDATION_PANELS = 6

Row = Mapping[str, Any]


def training_curves(history: Sequence[Row], headline: Sequence[str] = ()) -> Figure | None:
    """Draw the scalars of metrics.jsonl against the epoch.

    Args:
        history: rows with `split`, `epoch` and scalars by name.
        headline: the validation scalars that matter most; they get their panels first.

    Returns:
        One panel per training scalar (validation beside it where it has the name), then the
        most important validation scalars; None where there is nothing to draw.
    """
    from matplotlib.figure import Figure as NewFigure

    panels = _panels(history, headline)
    if not panels:
        return None
    rows = math.ceil(len(panels) / _COLUMNS)
    columns = min(len(panels), _COLUMNS)
    with house_style():
        figure = NewFigure(figsize=(3.4 * columns, 2.5 * rows), layout="constrained")
        for number, name in enumerate(panels):
            _draw_panel(figure.add_subplot(rows, columns, number + 1), history, name)
    return figure


def _panels(history: Sequence[Row], headline: Sequence[str]) -> list[str]:
    training = _names(history, "train")
    validation = [name for name in _names(history, "validation") if name not in training]
    order = [n for n in headline if n in validation] + [n for n in validation if n not in headline]
    return training + order[: max(_MOST_VALIDATION_PANELS, len(headline))]


def _names(history: Sequence[Row], split: str) -> list[str]:
    rows = [row for row in history if row.get("split") == split]
    names = dict.fromkeys(key for row in rows for key in row if key not in _NO_SCALARS)
    return [name for name in names if any(_is_number(row.get(name)) for row in rows)]


def _draw_panel(axes: Any, history: Sequence[Row], name: str) -> None:
    for split, colour in (("train", COLOURS[0]), ("validation", COLOURS[1])):
        points = [
            (row["epoch"], row[name])
            for row in history
            if row.get("split") == split and _is_number(row.get(name))
        ]
        if points:
            marker = "o" if len(points) <= 30 else None
            x, y = zip(*points, strict=True)
            axes.plot(x, y, color=colour, marker=marker, markersize=3, label=split)
    axes.set_title(name)
    axes.set_xlabel("epoch")
    if len(axes.lines) > 1:
        axes.legend()


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def png(picture: Any) -> bytes:
    """Return a matplotlib figure, a PIL image or a PNG file as PNG, the same bytes every time."""
    if isinstance(picture, Path):
        return picture.read_bytes()
    content = io.BytesIO()
    if hasattr(picture, "savefig"):
        with house_style():
            # Without the version of matplotlib among the metadata equal pictures are equal files.
            picture.savefig(content, format="png", metadata={"Software": None})
    else:
        picture.save(content, format="PNG")
    return content.getvalue()
