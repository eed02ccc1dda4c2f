"""Curves whose values are read by pointing at them, and which a click on the legend hides."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nntasks.interfaces.report_data import Interactive
from nntasks.report import colours, uplot
from nntasks.report.formatting import clean

_HERE, _UPLOT = "nntasks.report.interactive", "nntasks.report.uplot"
CHART: tuple[tuple[str, str], ...] = ((_UPLOT, uplot.SCRIPT), (_HERE, "chart.js"))
CHART_STYLE: tuple[tuple[str, str], ...] = ((_UPLOT, uplot.STYLE),)
MOST_POINTS = 1000  # of a curve; more cannot be told apart, and make the page heavy
_DIGITS = 5


def training(history: Iterable[Mapping[str, Any]], headline: Sequence[str]) -> Interactive | None:
    """Return the interactive form of `training_curves`; arguments as there.

    The content has `axis` and `panels` of `title`, `log` and `curves` of `name`, `look`, `x`, `y`.
    """
    from nntasks.report.figures import MOST_PANELS, is_logarithmic, names_and_looks
    from nntasks.report.history import read_history

    read = read_history(history, headline)
    panels = [
        {
            "title": clean(panel.title),
            "log": is_logarithmic(panel),
            "curves": [
                {"name": clean(name), "look": look_of(look), **_points(curve.x, curve.y)}
                for curve, (name, look) in zip(panel.curves, names_and_looks(panel), strict=True)
            ],
        }
        for panel in read.panels[:MOST_PANELS]
    ]
    if not panels:
        return None
    scripts = (*CHART, (_HERE, "curves.js"))
    return Interactive("curves", {"axis": read.axis, "panels": panels}, scripts, CHART_STYLE)


def look_of(look: Any) -> dict[str, Any]:
    """Return the colours of a `style.Look` for light and dark pages, and whether it is dashed."""
    import numpy as np

    dark = colours.darkened(np.array([colours.rgb(look.colour)]))[0]
    return {
        "colours": [look.colour, "#" + "".join(f"{round(255 * value):02x}" for value in dark)],
        "dashed": look.dash != "-",
    }


def short(values: Iterable[float]) -> list[float | None]:
    """Return numbers with five digits; None where one is not finite."""
    return [float(f"{v:.{_DIGITS}g}") if math.isfinite(v) else None for v in values]


def _points(x: Sequence[float], y: Sequence[float]) -> dict[str, list[float | None]]:
    step = -(-len(x) // MOST_POINTS)
    kept = range(len(x) - 1, -1, -step)[::-1]  # the last one always
    return {"x": short(x[i] for i in kept), "y": short(y[i] for i in kept)}
