"""One style for all figures, applied without changing the user's Matplotlib settings.

The colours are those of Okabe and Ito, which are distinguishable with any colour vision
(https://jfly.uni-koeln.de/color/).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nntasks.report import fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"
PURPLE, YELLOW, SKY = "#cc79a7", "#e69f00", "#56b4e9"
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, YELLOW, SKY)
INK, GREY, LIGHT = "#2b333d", "#6b7480", "#e4e7eb"

_SETTINGS: dict[str, Any] = {
    "figure.dpi": 144,
    "savefig.dpi": "figure",
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
    from matplotlib.figure import Figure

    with applied():
        return Figure(figsize=(width, height), layout="constrained")


def plain(text: str) -> str:
    """Escape dollar signs, which Matplotlib would read as mathematics."""
    return text.replace("$", r"\$")
