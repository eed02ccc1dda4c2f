"""The rules for all figures, applied without changing the user's Matplotlib settings.

- A figure is at most `WIDEST` inches wide and its letters at least `SMALLEST` points high, so that
  it can be read at 500 pixels. More panels make a figure higher, not wider.
- Colours come from `PALETTE`; more series than it has colours differ by their dashes too (`looks`).
- Axes have a name, with the unit where there is one. Intervals are drawn.
- A mistake is written as `true → predicted` (`mistake`), in this order everywhere.
- What is right, wrong and missed has the same colour in every task.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nntasks.report import colours, fonts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from nntasks.statistics.bootstrap import Estimate

WIDEST, SMALLEST = 5.6, 7.0  # inches and points
PALETTE = colours.TEN
BLUE, ORANGE, GREEN, PURPLE, YELLOW, SKY = PALETTE[:6]
INK, GREY, LIGHT = "#2b333d", "#6b7480", "#e4e7eb"
RIGHT, WRONG, MISSED, NOT_COUNTED = GREEN, ORANGE, SKY, "#969696"
DPI = 192  # of figures on a page, twice the 96 of a CSS inch
_DASHES = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (8, 3)), (0, (3, 1)))
_MARKERS = "os^Dv<>P"

_SETTINGS: dict[str, Any] = {
    "figure.dpi": 96,
    "savefig.dpi": DPI,
    "figure.facecolor": "white",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,  # a grid would cover images; curves enable their own
    "axes.formatter.useoffset": False,
    "grid.color": LIGHT,
    "grid.linewidth": 0.8,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.6,
    "lines.markersize": 4,
    "lines.solid_capstyle": "round",
    "image.cmap": "cividis",
}


@contextlib.contextmanager
def applied() -> Iterator[None]:
    """Use the project's style inside the block; restore Matplotlib's settings afterwards."""
    import matplotlib.style
    from cycler import cycler

    # "default" first: otherwise a user's matplotlibrc would change the figures.
    settings = {
        **_SETTINGS,
        "axes.prop_cycle": cycler(color=PALETTE),
        "font.family": fonts.families(),
    }
    with matplotlib.style.context(["default", settings]), fonts.missing_letters_reported_once():
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure in the project's style, `width` by `height` inches.

    It belongs to no window and no global list, so it need not be closed. The style is active only
    inside `applied()`, where the report draws every figure.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with applied():
        figure = Figure(figsize=(width, height), layout="constrained")
    # Without a canvas that can draw, Matplotlib makes one for every word that is measured.
    FigureCanvasAgg(figure)
    return figure


@dataclass(frozen=True)
class Look:
    """How a series is drawn: its colour, and the dash of its line or the marker of its points."""

    colour: str
    dash: Any
    marker: str

    def line(self) -> dict[str, Any]:
        """Return the arguments for `Axes.plot`."""
        return {"color": self.colour, "linestyle": self.dash}


def looks(count: int) -> list[Look]:
    """Return `count` looks, no two alike: ten colours, then the same with other dashes and markers.

    Beyond 80, the looks repeat.
    """
    rounds = len(_DASHES)
    return [
        Look(
            PALETTE[number % len(PALETTE)],
            _DASHES[number // len(PALETTE) % rounds],
            _MARKERS[number // len(PALETTE) % rounds],
        )
        for number in range(count)
    ]


def draw_shares(
    axes: Axes,
    places: Iterable[float],
    shares: Sequence[Estimate],
    colour: str,
    **words: Any,
) -> None:
    """Draw lying bars of shares at heights `places`, each with its interval and its value.

    `words` are further arguments of `Axes.barh`, such as `height` and `label`.
    """
    places = list(places)
    known = [0.0 if math.isnan(share.value) else share.value for share in shares]
    axes.barh(places, known, color=colour, **words)
    for place, share, value in zip(places, shares, known, strict=True):
        if math.isnan(share.value):
            axes.text(0.01, place, "none covered", va="center", fontsize=8, color=INK)
            continue
        reach = [[max(value - share.low, 0.0)], [max(share.high - value, 0.0)]]
        axes.errorbar([value], [place], xerr=reach, fmt="none", ecolor=INK, capsize=2, elinewidth=1)
        axes.text(
            0.01,
            place,
            f"{value:.0%}",
            va="center",
            fontsize=8,
            color=INK if value < 0.1 else "white",
        )


def name_row(axes: Axes, name: str) -> None:
    """Write the name of a row of pictures to the left of its first one."""
    axes.text(
        -0.06, 0.5, plain(name), transform=axes.transAxes, rotation=90, ha="right", va="center"
    )


def mistake(true: str, predicted: str) -> str:
    """Return the words for a confusion of two classes, true one first."""
    return plain(f"{true} → {predicted}")


def plain(text: str) -> str:
    """Escape dollar signs, which Matplotlib would read as mathematics."""
    return text.replace("$", r"\$")
