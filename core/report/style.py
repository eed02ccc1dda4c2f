"""One look for every figure of the project."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

# Okabe and Ito, "Color universal design", 2008: told apart by colour-blind people, too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")

_RULES: dict[str, Any] = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "axes.edgecolor": "#777777",
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "figure.dpi": 110,
    "savefig.dpi": 110,
    "svg.hashsalt": "nntasks",
}


@contextlib.contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style while the block runs; the user's own settings are left alone."""
    import matplotlib
    from cycler import cycler

    rules: dict[Any, Any] = {**_RULES, "axes.prop_cycle": cycler(color=COLOURS)}
    with matplotlib.rc_context(rules):
        yield
