"""The figures of a run, drawn on demand."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nntasks.interfaces.report_data import Figure
from nntasks.report import style

_DPI = 80  # of a figure in a notebook


class Figures(Mapping[str, Any]):
    """The figures of a run by name.

    `figures["cases"]` draws one and returns a `matplotlib.figure.Figure`. Each access draws anew,
    so you may change what you get. As the last line of a cell it shows itself, whether or not the
    notebook has loaded pyplot. Matplotlib's own settings stay as they are.
    """

    def __init__(self, load: Callable[[], Mapping[str, Figure]]) -> None:
        self._load = load

    def __getitem__(self, name: str) -> Any:
        figures = self._load()
        if name not in figures:
            raise KeyError(f"no figure {name!r}; the figures are {', '.join(figures)}")
        with style.applied():
            return _shown(_as_figure(figures[name].draw()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._load())

    def __len__(self) -> int:
        return len(self._load())

    def __repr__(self) -> str:
        return f"<Figures: {', '.join(self) or 'none'}>"


def _shown(figure: Any) -> Any:
    """Give a figure the method that notebooks ask for, as they know none without pyplot."""
    figure._repr_png_ = functools.partial(_png, figure)
    return figure


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI, bbox_inches="tight")
    return buffer.getvalue()


def _as_figure(drawn: Any) -> Any:
    """Return what a task drew as a Matplotlib figure, pixel for pixel if it is a picture."""
    from matplotlib.figure import Figure as MatplotlibFigure

    if isinstance(drawn, MatplotlibFigure):
        return drawn
    import numpy as np
    from PIL import Image

    image = Image.open(drawn) if isinstance(drawn, (str, Path)) else drawn
    pixels = np.asarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    figure = MatplotlibFigure(figsize=(width / 100, height / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(pixels)
    axes.set_axis_off()
    return figure
