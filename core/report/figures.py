"""Training curves. Only functions that draw import Matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nntasks.report import style
from nntasks.report.history import SPLITS, Curve, Panel, read_history

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 8
_TITLE_LETTERS = 27  # that fit above a panel; longer titles are smaller
_FEW_POINTS = 30  # curves with at most so many points have markers
_LOG_FROM = 50.0  # a loss that falls by this factor gets a logarithmic axis
# Inches. Places are fixed, so that no legend can squeeze a panel.
_LEFT, _RIGHT, _BETWEEN = 0.52, 0.08, 0.62  # margins, and the space between two columns
_TITLE, _PLOT, _AXIS, _LINE = 0.3, 1.45, 0.44, 0.15  # heights above, of and below a panel


def training_curves(
    history: Iterable[Mapping[str, Any]], headline: Sequence[str] = ()
) -> Figure | None:
    """Draw the scalars of a run over its epochs, or over its steps if there is only one epoch.

    The panels are: the losses of training and validation, other training scalars with their
    validation, the learning rate, the headline, and other validation metrics, grouped by name.
    Values that are not finite leave gaps. At most `MOST_PANELS` are drawn; a line below names the
    rest.

    Args:
        history: rows of metrics.jsonl: `split`, `step`, `epoch` and scalars by name.
        headline: the names of the headline metrics.

    Returns:
        The figure; None if no row has a scalar.
    """
    read = read_history(history, headline)
    panels = read.panels[:MOST_PANELS]
    if not panels:
        return None
    columns = min(len(panels), 2)
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    heights = [_TITLE + _PLOT + _AXIS + _LINE * max(len(p.curves) for p in row) for row in rows]
    missing = [style.plain(panel.title) for panel in read.panels[MOST_PANELS:]]
    total = sum(heights) + (0.3 if missing else 0.0)
    width = style.WIDEST if columns == 2 else 4.4
    room = (width - _LEFT - _RIGHT - _BETWEEN * (columns - 1)) / columns
    with style.applied():
        figure = style.new_figure(width, total)
        figure.set_layout_engine("none")
        top = total
        for row, height in zip(rows, heights, strict=True):
            for column, panel in enumerate(row):
                left = (_LEFT + column * (room + _BETWEEN)) / width
                low = (top - _TITLE - _PLOT) / total
                axes = figure.add_axes((left, low, room / width, _PLOT / total))
                _draw_panel(axes, panel, read.axis)
            top -= height
        if missing:
            note = f"{len(missing)} more metrics are in metrics.jsonl ({missing[0]}, ...)"
            figure.supxlabel(note, fontsize=8, color=style.GREY, y=0.05 / total)
    return figure


def _draw_panel(axes: Axes, panel: Panel, axis: str) -> None:
    only = panel.only_split
    for curve, (label, look) in zip(panel.curves, names_and_looks(panel), strict=True):
        _draw_curve(axes, curve, label, look)
    title = f"{panel.title}, {only}" if only else panel.title
    axes.set_title(style.plain(title), fontsize=10 * min(1, _TITLE_LETTERS / len(title)))
    axes.set_xlabel(axis)
    axes.grid(axis="y")
    values = [value for curve in panel.curves for value in curve.finite]
    if not values:
        _say_that_nothing_is_finite(axes)
    elif is_logarithmic(panel):
        _scale_by_factors(axes)
    _limit_x(axes, panel)
    axes.margins(y=0.08)
    below = -_AXIS / _PLOT
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(-0.16, below),
        fontsize=7.5,
        handlelength=1.6,
        labelspacing=0.25,
        borderaxespad=0,
        borderpad=0,
    )


def names_and_looks(panel: Panel) -> list[tuple[str, style.Look]]:
    """Return what the curves of a panel are called and how they are drawn."""
    return list(zip(_labels(panel), _looks(panel), strict=True))


def is_logarithmic(panel: Panel) -> bool:
    """Whether the values of a panel have a logarithmic axis."""
    values = [value for curve in panel.curves for value in curve.finite]
    if not values or not panel.trained or min(values) <= 0:
        return False
    return max(values) >= _LOG_FROM * min(values)


def _looks(panel: Panel) -> list[style.Look]:
    """Colours tell splits apart if the panel has one scalar or the losses, else scalars."""
    looks = style.looks(max(len(panel.curves), len(SPLITS) + 1))
    if len({curve.name for curve in panel.curves}) == 1:
        return [
            looks[SPLITS.index(curve.split) if curve.split in SPLITS else len(SPLITS)]
            for curve in panel.curves
        ]
    return looks[: len(panel.curves)]


def _labels(panel: Panel) -> list[str]:
    """Name what tells the curves of a panel apart."""
    several = len({curve.name for curve in panel.curves}) > 1
    if not several:
        return [curve.split for curve in panel.curves]
    if panel.only_split:
        return [curve.name for curve in panel.curves]
    return [f"{curve.name}, {curve.split}" for curve in panel.curves]


def _draw_curve(axes: Axes, curve: Curve, label: str, look: style.Look) -> None:
    marker = "o" if len(curve.x) <= _FEW_POINTS else ""
    label = style.plain(f"{label}: {curve.y[-1]:.3g}")
    axes.plot(curve.x, curve.y, **look.line(), marker=marker, label=label)


def _say_that_nothing_is_finite(axes: Axes) -> None:
    axes.text(
        0.5,
        0.5,
        "no finite value",
        transform=axes.transAxes,
        ha="center",
        va="center",
        color=style.GREY,
    )
    axes.set_yticks([])


def _scale_by_factors(axes: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _limit_x(axes: Axes, panel: Panel) -> None:
    """Use integer ticks, and centre a single point."""
    from matplotlib.ticker import MaxNLocator

    places = [place for curve in panel.curves for place in curve.x]
    low, high = min(places), max(places)
    if low == high:
        axes.set_xlim(low - 0.5, high + 0.5)
        axes.set_xticks([low])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=high - low >= 2))
