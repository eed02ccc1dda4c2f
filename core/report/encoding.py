"""Pictures as files: PNG for the run's folder, and what a page embeds, for light and dark readers.

Plots have few colours: they are reduced to a palette, and their dark variant is the same picture
with another palette; photographs inside it stay as they are. On pages plots are WebP without loss,
a fifth to a third smaller than the PNG of the run's folder. Pictures of many colours become WebP
with loss. Where Pillow lacks WebP, PNG and JPEG take its place.
"""

from __future__ import annotations

import contextlib
import functools
import io
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks.errors import PluginError
from nntasks.report import colours, palettes, style
from nntasks.report.palettes import dark_palette, with_palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL import Image

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
_MOST_COLOURS = 1 << 16  # of a plot; pictures with more are photographs
_LEAST_COVERED = 0.97  # share of a plot's pixels that have one of the 256 commonest colours
_TABLE = 33  # entries of the table of dark colours along red, green and blue
_QUALITY = 72  # of WebP and JPEG; 80 is a seventh larger, and looks the same beside it
_LONGEST = 16_383  # pixels, of a side of a WebP
_DOUBLED = 1000  # pixels: images this wide are shown at half their size, so that they are sharp


@dataclass(frozen=True)
class Encoded:
    """A picture in the forms that a report needs.

    Attributes:
        png: for the run's folder, without loss.
        light: for pages, in PNG, WebP or JPEG.
        dark: the same for dark pages; equal to `light` if there is nothing to darken.
        width, height: the size on a page, in CSS pixels.
    """

    png: bytes
    light: bytes
    dark: bytes
    width: int
    height: int


def encoded(picture: Any) -> Encoded:
    """Encode a picture; the same picture always gives the same bytes.

    Args:
        picture: a Matplotlib figure, a PIL image, or the path of an image file (PNG files
            are used unchanged).

    Raises:
        PluginError: it is none of these, or the file is not an image.
    """
    if isinstance(picture, (str, Path)):
        return _file(Path(picture))
    if hasattr(picture, "savefig"):
        return _figure(picture)
    if hasattr(picture, "save") and hasattr(picture, "mode"):
        return _image(picture)
    raise PluginError(
        "expected a Matplotlib figure, a PIL image or the path of an image file, got "
        f"{type(picture).__name__}; let the figure's `draw` return one of these"
    )


def png(picture: Any) -> bytes:
    """Return a picture as PNG, without loss; arguments and errors as for `encoded`."""
    if hasattr(picture, "savefig"):
        image = _rendered(picture)
        reduced, covered = _reduced(image)
        return _saved(reduced) if covered >= _LEAST_COVERED else _lossless(image)
    return encoded(picture).png


def mime(data: bytes) -> str:
    """Return the media type of an encoded picture.

    Raises:
        ValueError: it is none of PNG, JPEG and WebP.
    """
    if data.startswith(_PNG_SIGNATURE):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise ValueError(f"expected the bytes of a PNG, JPEG or WebP, got {bytes(data[:8])!r}")


def compact(image: Image.Image) -> bytes:
    """Return an image for a page: a PNG with a palette if it has few colours, else WebP or JPEG."""
    flat = image.convert("RGB")
    if flat.getcolors(palettes.MOST):
        return _saved(with_palette(flat)[0])
    return _photograph(flat)


def _figure(figure: Figure) -> Encoded:
    image = _rendered(figure)
    width, height = (round(96 * length) for length in figure.get_size_inches())
    boxes = [box for axes in figure.axes if _has_picture(axes) for box in [_box(axes, image)]]
    reduced, covered = _reduced(image)
    if covered < _LEAST_COVERED:
        dark = _dark(image, boxes)
        return Encoded(_lossless(image), _photograph(image), _photograph(dark), width, height)
    dark = with_palette(_dark(image, boxes))[0] if boxes else dark_palette(reduced)
    return Encoded(_saved(reduced), _plot(reduced), _plot(dark), width, height)


def _rendered(figure: Figure) -> Image.Image:
    """Draw a figure at twice its size on a page."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    dpi, canvas = figure.dpi, figure.canvas
    try:
        figure.set_dpi(style.DPI)
        drawing: Any = FigureCanvasAgg(figure)
        with style.applied(), _without_needless_layout(figure), warnings.catch_warnings():
            # Of a figure too small for its words; it is drawn all the same.
            warnings.filterwarnings("ignore", message="constrained_layout not applied")
            drawing.draw()
        pixels = drawing.buffer_rgba()
        over = Image.frombuffer("RGBA", drawing.get_width_height(), pixels.tobytes())
    finally:
        figure.set_dpi(dpi)
        figure.set_canvas(canvas)
    paper = Image.new("RGBA", over.size, colours.PAPER)
    return Image.alpha_composite(paper, over).convert("RGB")


@contextlib.contextmanager
def _without_needless_layout(figure: Figure) -> Iterator[None]:
    """Arrange nothing in a figure whose axes have fixed places.

    The constrained layout has nothing to do there, and warns of missing grids.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = figure.get_layout_engine()
    grids = any(axes.get_subplotspec() for axes in figure.axes)
    if grids or not isinstance(engine, ConstrainedLayoutEngine):
        yield
        return
    figure.set_layout_engine("none")
    try:
        yield
    finally:
        figure.set_layout_engine(engine)


def _has_picture(axes: Axes) -> bool:
    """Whether axes show an image, or the colours of a scale, which must not change."""
    from matplotlib.collections import QuadMesh

    return bool(axes.images) or any(isinstance(part, QuadMesh) for part in axes.collections)


def _box(axes: Axes, image: Image.Image) -> tuple[int, int, int, int]:
    """Return the left, upper, right and lower edge of axes in whole pixels inside them."""
    place = axes.get_position()
    width, height = image.size
    return (
        math.ceil(place.x0 * width),
        math.ceil((1 - place.y1) * height),
        math.floor(place.x1 * width),
        math.floor((1 - place.y0) * height),
    )


def _dark(image: Image.Image, boxes: list[tuple[int, int, int, int]]) -> Image.Image:
    """Return a picture for dark pages; what lies in the boxes stays as it is."""
    dark = image.filter(_lookup())
    for box in boxes:
        dark.paste(image.crop(box), box)
    return dark


@functools.cache
def _lookup() -> Any:
    """Return `colours.darkened` as a table, between whose entries Pillow interpolates."""
    import numpy as np
    from PIL import ImageFilter

    steps = np.linspace(0, 1, _TABLE)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")  # red varies fastest
    values = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    return ImageFilter.Color3DLUT(_TABLE, colours.darkened(values).ravel().tolist())


def _reduced(image: Image.Image) -> tuple[Image.Image, float]:
    """Return `with_palette` of a plot; a photograph with 0.0."""
    return with_palette(image) if image.getcolors(_MOST_COLOURS) else (image, 0.0)


def _saved(image: Image.Image) -> bytes:
    data = io.BytesIO()
    # The last level would save a hundredth, and take three times as long.
    image.save(data, format="PNG", compress_level=8)
    return data.getvalue()


def _plot(image: Image.Image) -> bytes:
    """Return a plot for a page, without loss."""
    from PIL import features

    if not features.check("webp") or max(image.size) > _LONGEST:
        return _saved(image)
    data = io.BytesIO()
    # The effort is that of PNG; more saves a hundredth.
    image.convert("RGB").save(data, format="WEBP", lossless=True, method=2, quality=50)
    return data.getvalue()


def _photograph(image: Image.Image) -> bytes:
    from PIL import features

    data = io.BytesIO()
    if features.check("webp"):
        image.save(data, format="WEBP", quality=_QUALITY, method=4)
    else:
        image.save(data, format="JPEG", quality=_QUALITY, optimize=True)
    return data.getvalue()


def _lossless(image: Image.Image) -> bytes:
    data = io.BytesIO()
    if image.mode not in _PNG_MODES:
        image = image.convert("RGB")
    # For LAB, Pillow writes a colour profile with the time of day, so profiles are dropped.
    image.info.pop("icc_profile", None)
    image.save(
        data, format="PNG", compress_level=3
    )  # scenes are noisy: higher compression gains little
    return data.getvalue()


def _image(image: Image.Image, png: bytes = b"") -> Encoded:
    page = compact(image)
    scale = 2 if image.width >= _DOUBLED else 1
    size = (max(1, round(length / scale)) for length in image.size)
    return Encoded(png or _lossless(image), page, page, *size)


def _file(path: Path) -> Encoded:
    from PIL import Image, ImageOps

    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            if data.startswith(_PNG_SIGNATURE):
                return _image(image, data)
            return _image(ImageOps.exif_transpose(image))
    except OSError as error:  # PIL's UnidentifiedImageError is one, too
        reason = error.strerror or "it is not a readable image"
        raise PluginError(f"expected an image file at {path}: {reason}") from error
