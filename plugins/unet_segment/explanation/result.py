"""The explanation of one pixel: its values, and its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from nntasks.plugins.unet_segment.explanation.pixels import Boundary

METHOD = "Integrated Gradients (Sundararajan et al. 2017) from a picture of the mean colour"


@dataclass(frozen=True)
class Field:
    """A theoretical receptive field, in pixels of the segmented picture.

    Attributes:
        width, height: without the picture's border; None if the network reads every picture as a
            whole.
        left, top, right, bottom: its first and last pixels inside of what the network reads.
    """

    width: int | None
    height: int | None
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class EffectiveField:
    """The pixels whose gradient is at least `share` of the largest (Luo et al. 2016).

    Attributes:
        pixels: their number.
        side: of a square with as many pixels.
        share: the limit.
    """

    pixels: int
    side: float
    share: float


@dataclass(frozen=True)
class Level:
    """The part of one map of the encoder in a logit.

    Attributes:
        name: "skip 1" for the first skip connection, "lowest" for the map below all.
        stride: pixels of the picture per cell of the map, along each axis.
        channels: of the map.
        contribution: the sum of its terms.
        removed: by how much the logit falls if this map alone is that of the plain picture.
        columns, rows: first and last column and row of the cells that the decoder reads.
        strongest: (column, row, term) of the cells with the largest terms.
        field: the receptive field through this map.
    """

    name: str
    stride: int
    channels: int
    contribution: float
    removed: float
    columns: tuple[int, int]
    rows: tuple[int, int]
    strongest: tuple[tuple[int, int, float], ...]
    field: Field


@dataclass(frozen=True)
class Explanation:
    """One pixel, from its neighbours to the terms of its logit.

    Attributes:
        file: the file, or the name of the test picture.
        width, height: of the segmented picture.
        pixel: (x, y) in it; all other places are in it too.
        original_width, original_height, original_pixel: the same before scaling.
        chosen: "given", "largest error" or "least certain".
        probability: of the object, as predicted; with `mirror`, the mean of two.
        mirrored: probability in the mirror image; None without `mirror`.
        threshold: lowest probability of an object pixel.
        predicted: "object" or "background".
        truth: the same, or "not counted"; None without a mask.
        error: distance of the probability to the truth; None without one.
        predicted_boundary, true_boundary: the nearest pixel on the other side; None if there is
            none.
        neighbours: probabilities around the pixel, row by row; None outside of the picture.
        logit: of the probability that is not mirrored.
        plain_logit: of the same pixel in a picture of the mean colour.
        levels: the maps that the decoder reads; their contributions and the residual add up to
            `logit - plain_logit`.
        method, steps, residual: how the contributions were computed, and what is missing.
        field: the theoretical receptive field.
        effective_field: the effective one.
        tile: side in pixels of what the network reads at once; None for whole pictures.
        figure: the figure that was written.
    """

    file: str
    width: int
    height: int
    pixel: tuple[int, int]
    original_width: int
    original_height: int
    original_pixel: tuple[int, int]
    chosen: str
    probability: float
    mirrored: float | None
    threshold: float
    predicted: str
    truth: str | None
    error: float | None
    predicted_boundary: Boundary | None
    true_boundary: Boundary | None
    neighbours: Sequence[Sequence[float | None]]
    logit: float
    plain_logit: float
    levels: tuple[Level, ...]
    method: str
    steps: int
    residual: float
    field: Field
    effective_field: EffectiveField
    tile: int | None
    figure: str | None

    def to_dict(self) -> dict[str, object]:
        """Return all fields as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        lines = [
            f"{self.file}, {self._place()}",
            _row("predicted", f"{self.predicted}: probability {self._probability()}"),
            _row("truth", self._truth()),
            _row("boundary", f"predicted: {_boundary(self.predicted_boundary)}"),
        ]
        if self.truth is not None:
            lines.append(_row("", f"true: {_boundary(self.true_boundary)}"))
        lines += [
            _row("neighbours" if i == 0 else "", "  ".join(map(_share, row)))
            for i, row in enumerate(self.neighbours)
        ]
        return "\n".join([*lines, *self._terms(), *self._fields()])

    def _place(self) -> str:
        text = f"pixel {self.pixel[0]},{self.pixel[1]} of {self.width} x {self.height}"
        if (self.width, self.height) != (self.original_width, self.original_height):
            x, y = self.original_pixel
            text += f" ({x},{y} of {self.original_width} x {self.original_height})"
        return text if self.chosen == "given" else f"{text}: the {_CHOICES[self.chosen]}"

    def _probability(self) -> str:
        text = f"{self.probability:.4g}, threshold {self.threshold:g}"
        if self.mirrored is not None:
            here = 2 * self.probability - self.mirrored
            text += f"; the mean of {here:.4g} here and {self.mirrored:.4g} in the mirror image"
        return text

    def _truth(self) -> str:
        if self.truth is None:
            return "unknown; give mask=FILE"
        return self.truth if self.error is None else f"{self.truth}: error {self.error:.4g}"

    def _terms(self) -> list[str]:
        total = sum(level.contribution for level in self.levels)
        titles = f"{'':<8}{'stride':>6}{'channels':>10}{'term':>10}{'removed':>10}  reads"
        lines = [
            _row(
                "logit",
                f"{self.logit:.4f} = {self.plain_logit:.4f} of a plain picture {total:+.4f} of "
                f"{len(self.levels)} levels {self.residual:+.4f} residual",
            ),
            _row("", f"{self.method}, {self.steps} steps"),
            _row("levels", titles),
        ]
        for level in self.levels:
            lines.append(
                _row(
                    "",
                    f"{level.name:<8}{level.stride:>6}{level.channels:>10}"
                    f"{level.contribution:>+10.4f}{level.removed:>+10.4f}  {_size(level.field)}",
                )
            )
        return lines

    def _fields(self) -> list[str]:
        effective, field = self.effective_field, self.field
        lines = [
            _row(
                "field",
                f"in theory {_size(field)}, here from {field.left},{field.top} to "
                f"{field.right},{field.bottom}",
            ),
            _row(
                "",
                f"effective {effective.side:.1f} x {effective.side:.1f}: {effective.pixels} pixels "
                f"with {effective.share:.2%} of the largest gradient or more (Luo et al. 2016)",
            ),
        ]
        if self.tile is not None:
            lines.append(
                _row("tile", f"the network reads {self.tile} x {self.tile} pixels at once")
            )
        return lines if self.figure is None else [*lines, _row("figure", self.figure)]


_CHOICES = {
    "largest error": "pixel with the largest error",
    "least certain": "least certain pixel",
}


def _row(title: str, text: str) -> str:
    return f"  {title:<11} {text}"


def _boundary(boundary: Boundary | None) -> str:
    if boundary is None:
        return "none"
    return f"{boundary.distance:.2f} pixels away, at {boundary.x},{boundary.y}"


def _share(value: float | None) -> str:
    return "    -" if value is None else f"{value:.3f}"


def _size(field: Field) -> str:
    return "the whole picture" if field.width is None else f"{field.width} x {field.height} pixels"
