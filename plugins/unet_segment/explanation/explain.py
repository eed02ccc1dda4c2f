"""Explain one pixel of a segmentation: its surroundings, the terms of its logit, what it reads."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nntasks.errors import UsageError
from nntasks.interfaces import Splits
from nntasks.machine.memory import require
from nntasks.plugins.unet_segment.config import UnetConfig
from nntasks.plugins.unet_segment.explanation.attribution import (
    attribute,
    gradient_magnitude,
)
from nntasks.plugins.unet_segment.explanation.drawing import Layer, draw
from nntasks.plugins.unet_segment.explanation.options import ExplainOptions
from nntasks.plugins.unet_segment.explanation.pixels import (
    Pixel,
    largest_error,
    least_certain,
    nearest_boundary,
    neighbours,
)
from nntasks.plugins.unet_segment.explanation.receptive_field import Span
from nntasks.plugins.unet_segment.explanation.result import (
    METHOD,
    EffectiveField,
    Explanation,
    Field,
    Level,
)
from nntasks.plugins.unet_segment.explanation.source import Source, find_source
from nntasks.plugins.unet_segment.explanation.window import Window
from nntasks.plugins.unet_segment.model import UnetModel
from nntasks.plugins.unet_segment.network import UNet
from nntasks.plugins.unet_segment.prediction import probabilities
from nntasks.plugins.unet_segment.samples import BACKGROUND, IGNORED, OBJECT
from nntasks.plugins.unet_segment.tiling import part_of_tile
from nntasks.report.encoding import png
from nntasks.storage.atomic_write import write_bytes
from nntasks.training.standardised import pixels as pixels_of

EFFECTIVE = 1 - 0.9545  # of the largest gradient: two standard deviations, as in the paper
_STRONGEST = 3  # cells listed per level
_BYTES_A_CHANNEL = 180  # bytes per pixel and first-level channel, as measured: a backward pass


@dataclass(frozen=True)
class _View:
    """What the network reads at once: the picture, or one tile with its surroundings.

    Attributes:
        pixels: (h, w, 3) uint8.
        left, top: its place in the picture; negative where a tile reaches beyond.
    """

    pixels: np.ndarray
    left: int
    top: int


def explain_pixel(
    model: UnetModel,
    config: UnetConfig,
    words: str,
    options: ExplainOptions,
    load_data: Callable[[], Splits],
) -> Explanation:
    """Explain the prediction of one pixel.

    Args:
        model: the trained model.
        config: the task's keys.
        words: a picture file, or the name of a test picture.
        options: the pixel, the mask of a file, the figure to write.
        load_data: loads the data set of the run, for a test picture.

    Raises:
        UsageError: the picture, its mask or the pixel cannot be used, the figure cannot be written,
            or the network is none of this package.
    """
    if not isinstance(model.module.network, UNet):
        kind = type(model.module.network).__name__
        raise UsageError(f"explain: expected the network of model=unet, got {kind}")
    if options.figure is not None:
        _require_new(options.figure)
    source = find_source(words, options.mask, config, load_data)
    wanted = None if not options.pixel else source.pixel((options.pixel[0], options.pixel[1]))
    shares = probabilities(model, config.model_copy(update={"tile": source.tile}), source.picture)
    pixel, chosen = _choose(source, shares, config.threshold, wanted)
    view = _view(source, config, pixel)
    _require_even(model.module.network, view)
    network = _Network(model, view, pixel)
    told = _told(source, config, shares, pixel, chosen, network)
    if options.figure is not None:
        told = replace(told, figure=str(options.figure))
        figure = draw(told, source.picture, source.truth, shares, *network.layers)
        write_bytes(options.figure, png(figure))
    return told


def _require_even(network: UNet, view: _View) -> None:
    """Refuse a picture whose maps would have to be padded, cropped or resized."""
    stride, (height, width) = network.down.stride, view.pixels.shape[:2]
    if network.align != "picture" and (height % stride or width % stride):
        raise UsageError(
            f"explain: with align={network.align}, expected a picture whose sides are multiples of "
            f"{stride}, got {width} x {height}; align=picture takes any"
        )


def _require_new(figure: Path) -> None:
    """Refuse a file that exists: it may be the user's."""
    if figure.exists():
        raise UsageError(f"figure={figure} exists; move it, or choose another name")
    if not figure.parent.is_dir():
        raise UsageError(f"figure={figure}: expected a folder at {figure.parent}, found none")


def _choose(
    source: Source, shares: np.ndarray, threshold: float, wanted: Pixel | None
) -> tuple[Pixel, str]:
    """Return the pixel to explain, and why it is this one."""
    if wanted is not None:
        return wanted, "given"
    worst = None if source.truth is None else largest_error(shares, source.truth)
    if worst is not None:
        return worst, "largest error"
    return least_certain(shares, threshold), "least certain"


def _view(source: Source, config: UnetConfig, pixel: Pixel) -> _View:
    if not source.tile:
        return _View(source.picture, 0, 0)
    return _View(*part_of_tile(source.picture, pixel, source.tile, config.overlap))


class _Network:
    """What the network computes for one pixel of a view.

    Attributes:
        attribution: the terms of the logit.
        gradient: (h, w) magnitude of the gradient.
        window: what the logit depends on.
    """

    def __init__(self, model: UnetModel, view: _View, pixel: Pixel) -> None:
        module = model.module.eval()
        self.network: UNet = module.network  # type: ignore[assignment]
        self.view = view
        height, width = view.pixels.shape[:2]
        place = pixel[0] - view.left, pixel[1] - view.top
        self.window = Window.of(self.network, place, height, width)
        require(
            self.window.read_pixels * min(self.network.down.channels) * _BYTES_A_CHANNEL,
            f"explaining a pixel that depends on {self.window.read_pixels:,} pixels",
            "choose a smaller picture, or read it in tiles with tile=512",
        )
        bytes_read = np.ascontiguousarray(view.pixels)[None]
        picture = module.standardised(pixels_of(bytes_read, model.device))
        self.attribution = attribute(self.network, picture, self.window)
        self.gradient = gradient_magnitude(self.network, picture, self.window)

    @property
    def layers(self) -> tuple[Layer, list[Layer]]:
        """The gradient, and the terms of each level, where they lie in the picture."""
        left, top = self.view.left, self.view.top
        height, width = self.gradient.shape
        rows, columns = self.window.rows, self.window.columns
        box = (
            left + columns.decoded_start,
            top + rows.decoded_start,
            left + columns.decoded_end,
            top + rows.decoded_end,
        )
        terms = [Layer(values, *box) for values in self.attribution.maps]
        return Layer(self.gradient, left, top, left + width, top + height), terms

    @property
    def levels(self) -> tuple[Level, ...]:
        """The part of each map in the logit."""
        return tuple(self._level(number) for number in range(len(self.attribution.maps)))

    def _level(self, number: int) -> Level:
        terms = self.attribution.maps[number]
        rows, columns = self.window.rows, self.window.columns
        stride = (rows.decoded_end - rows.decoded_start) // terms.shape[0]
        first_row, first_column = rows.decoded_start // stride, columns.decoded_start // stride
        order = np.argsort(-np.abs(terms), axis=None, kind="stable")[:_STRONGEST]
        places = zip(*np.unravel_index(order, terms.shape), strict=True)
        last = number == len(self.attribution.maps) - 1
        return Level(
            name="lowest" if last else f"skip {number + 1}",
            stride=stride,
            channels=self.network.down.channels[number],
            contribution=float(terms.sum()),
            removed=self.attribution.removed[number],
            columns=columns.levels[number].cells.within(first_column + terms.shape[1]),
            rows=rows.levels[number].cells.within(first_row + terms.shape[0]),
            strongest=tuple(
                (int(first_column + x), int(first_row + y), float(terms[y, x])) for y, x in places
            ),
            field=self.field(columns.levels[number].pixels, rows.levels[number].pixels),
        )

    def field(self, columns: Span, rows: Span) -> Field:
        """Return a receptive field in pixels of the picture."""
        height, width = self.gradient.shape
        (left, right), (top, bottom) = columns.within(width), rows.within(height)
        whole = math.isinf(columns.length)
        return Field(
            width=None if whole else int(columns.length),
            height=None if whole else int(rows.length),
            left=left + self.view.left,
            top=top + self.view.top,
            right=right + self.view.left,
            bottom=bottom + self.view.top,
        )

    @property
    def effective_field(self) -> EffectiveField:
        """The pixels with a large gradient."""
        largest = float(self.gradient.max())
        count = int((self.gradient >= EFFECTIVE * largest).sum()) if largest > 0 else 0
        return EffectiveField(count, math.sqrt(count), EFFECTIVE)


def _told(
    source: Source,
    config: UnetConfig,
    shares: np.ndarray,
    pixel: Pixel,
    chosen: str,
    network: _Network,
) -> Explanation:
    x, y = pixel
    height, width = shares.shape
    probability, attribution = float(shares[y, x]), network.attribution
    own = 1 / (1 + math.exp(-attribution.logit))
    label = None if source.truth is None else int(source.truth[y, x])
    counted = label is not None and label != IGNORED
    return Explanation(
        file=source.name,
        width=width,
        height=height,
        pixel=pixel,
        original_width=source.width,
        original_height=source.height,
        original_pixel=source.original(pixel),
        chosen=chosen,
        probability=probability,
        mirrored=2 * probability - own if config.mirror else None,
        threshold=config.threshold,
        predicted="object" if probability >= config.threshold else "background",
        truth=None if label is None else _LABELS[label],
        error=abs(probability - float(label == OBJECT)) if counted else None,
        predicted_boundary=nearest_boundary(shares >= config.threshold, pixel),
        true_boundary=None if source.truth is None else nearest_boundary(source.truth, pixel),
        neighbours=neighbours(shares, pixel),
        logit=attribution.logit,
        plain_logit=attribution.plain,
        levels=network.levels,
        method=METHOD,
        steps=attribution.steps,
        residual=attribution.residual,
        field=network.field(network.window.columns.field, network.window.rows.field),
        effective_field=network.effective_field,
        tile=network.view.pixels.shape[0] if source.tile else None,
        figure=None,
    )


_LABELS = {BACKGROUND: "background", OBJECT: "object", IGNORED: "not counted"}
