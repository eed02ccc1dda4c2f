"""Training curves, and pictures as PNG. Only functions that draw import Matplotlib."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks.errors import PluginError
from nntasks.report import style
from nntasks.report.history import SPLITS, Curve, Panel, read_history

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 12
_FEW_CURVES = 3
_FEW_POINTS = 30  # curves with at most so many points have markers
_LOG_FROM = 50.0  # a loss that falls by this factor gets a logarithmic axis
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})


def training_curves(
    history: Iterable[Mapping[str, Any]], headline: Sequence[str] = ()
) -> Figure | None:
    """Draw the scalars of a run over its epochs, or over its steps if there is only one epoch.

    The panels are: each training scalar with its validation, the learning rate, the headline, and
    other validation metrics, grouped by name. Values that are not finite leave gaps. At most twelve
    panels are drawn; a line below names the rest.

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
    columns = 2 if len(panels) in (2, 4) else min(len(panels), 3)
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    heights = [2.4 + 0.16 * max(map(_legend_lines, row)) for row in rows]
    with style.applied():
        figure = style.new_figure(max(3.4 * columns, 5.0), sum(heights) + 0.1)
        grid = figure.add_gridspec(len(rows), columns, height_ratios=heights)
        for number, panel in enumerate(panels):
            axes = figure.add_subplot(grid[number // columns, number % columns])
            _draw_panel(axes, panel, read.axis)
        missing = [style.plain(panel.title) for panel in read.panels[MOST_PANELS:]]
        if missing:
            note = f"not shown, see metrics.jsonl: {len(missing)} more ({missing[0]}, ...)"
            figure.supxlabel(note, fontsize=8, color=style.GREY)
    return figure


def png(picture: Any) -> bytes:
    """Return a picture as PNG; the same picture always gives the same bytes.

    Args:
        picture: a Matplotlib figure, a PIL image, or the path of an image file (PNG files
            are used unchanged).

    Raises:
        PluginError: it is none of these, or the file is not an image.
    """
    if isinstance(picture, (str, Path)):
        return _file_png(Path(picture))
    if hasattr(picture, "savefig"):
        return _figure_png(picture)
    if hasattr(picture, "save") and hasattr(picture, "mode"):
        return _image_png(picture)
    raise PluginError(
        "expected a Matplotlib figure, a PIL image or the path of an image file, got "
        f"{type(picture).__name__}; let the figure's `draw` return one of these"
    )


def _figure_png(figure: Figure) -> bytes:
    data = io.BytesIO()
    with style.applied():
        # Without "Software" the metadata do not depend on Matplotlib's version.
        figure.savefig(data, format="png", metadata={"Software": None})
    return data.getvalue()


def _image_png(image: Any) -> bytes:
    data = io.BytesIO()
    if image.mode not in _PNG_MODES:
        image = image.convert("RGB")
    # For LAB, Pillow writes a colour profile with the time of day, so profiles are dropped.
    image.info.pop("icc_profile", None)
    image.save(
        data, format="PNG", compress_level=3
    )  # scenes are noisy: higher compression gains little
    return data.getvalue()


def _file_png(path: Path) -> bytes:
    from PIL import Image, ImageOps

    try:
        data = path.read_bytes()
        if data.startswith(_PNG_SIGNATURE):
            return data
        with Image.open(io.BytesIO(data)) as image:
            return _image_png(ImageOps.exif_transpose(image))
    except OSError as error:  # PIL's UnidentifiedImageError is one, too
        reason = error.strerror or "it is not a readable image"
        raise PluginError(f"expected an image file at {path}: {reason}") from error


def _legend_lines(panel: Panel) -> int:
    """The number of legend lines below the axes; a small legend fits inside."""
    return 0 if len(panel.curves) <= _FEW_CURVES else math.ceil(len(panel.curves) / 2)


def _draw_panel(axes: Axes, panel: Panel, axis: str) -> None:
    names = list(dict.fromkeys(curve.name for curve in panel.curves))
    for curve in panel.curves:
        _draw_curve(axes, curve, names)
    axes.set_title(style.plain(panel.title))
    axes.set_xlabel(axis)
    axes.grid(axis="y")
    values = [value for curve in panel.curves for value in curve.finite]
    if not values:
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
    elif panel.trained and min(values) > 0:
        _scale(axes, values)
    _limit_x(axes, panel)
    axes.margins(y=0.08)
    if _legend_lines(panel):
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(-0.02, -0.2),
            ncols=2,
            fontsize=7,
            handlelength=1.2,
            columnspacing=1.0,
            labelspacing=0.3,
            borderaxespad=0,
        )
    else:
        axes.legend(loc="best", handlelength=1.2)


def _draw_curve(axes: Axes, curve: Curve, names: Sequence[str]) -> None:
    """Colours distinguish splits if the panel has one scalar, else scalars."""
    split = SPLITS.index(curve.split) if curve.split in SPLITS else len(SPLITS)
    if len(names) == 1:
        colour, dash, label = style.PALETTE[split], "-", curve.split
    else:
        colour = style.PALETTE[names.index(curve.name) % len(style.PALETTE)]
        dash = "--" if curve.split == "test" else "-"
        label = f"{curve.name} ({curve.split})" if curve.split == "test" else curve.name
    label = f"{label}  {curve.y[-1]:.3g}"
    marker = "o" if len(curve.x) <= _FEW_POINTS else ""
    axes.plot(curve.x, curve.y, dash, color=colour, marker=marker, label=style.plain(label))


def _scale(axes: Axes, values: Sequence[float]) -> None:
    from matplotlib.ticker import LogFormatter, NullFormatter

    if max(values) >= _LOG_FROM * min(values):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(LogFormatter())
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
