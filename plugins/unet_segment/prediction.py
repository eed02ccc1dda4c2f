"""Predicted masks of picture files: as overlay, PNG and outlines."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, SourcePrediction
from nntasks.machine.memory import free_memory
from nntasks.pictures.files import read_image
from nntasks.plugins.unet_segment.config import UnetConfig
from nntasks.plugins.unet_segment.model import UnetModel
from nntasks.plugins.unet_segment.splits import fit
from nntasks.plugins.unet_segment.tiling import tiled

_TINT, _TINT_SHARE = np.array([230, 80, 20]), 0.35  # opacity of the object colour
_LINE = (255, 230, 0)
_SMALL = 2**22  # pixels; smaller pictures always fit into memory
_BYTES_A_CHANNEL = 24  # bytes per pixel and first-level channel: six float32 maps


def predict_files(
    model: UnetModel, config: UnetConfig, paths: Sequence[Path]
) -> Iterator[SourcePrediction]:
    """Yield the prediction of each file: a row, the overlay, the mask and the outlines."""
    for path in paths:
        try:
            picture = np.array(read_image(path))
            _require_memory(path, picture, config)
        except UsageError as error:
            yield SourcePrediction((), problem=str(error))
            continue
        yield _prediction(picture, probabilities(model, config, picture), config.threshold)


def _require_memory(path: Path, picture: np.ndarray, config: UnetConfig) -> None:
    """Refuse a picture that is too large for the memory as a whole."""
    pixels = picture.shape[0] * picture.shape[1]
    if config.tile or config.image_size or pixels < _SMALL:
        return
    needed, free = pixels * config.width * _BYTES_A_CHANNEL, free_memory()
    if free is not None and needed > free:
        raise UsageError(
            f"{path}: its {picture.shape[1]} x {picture.shape[0]} pixels need about "
            f"{needed / 2**30:.0f} GiB of memory as a whole, and {free / 2**30:.0f} GiB are "
            "free; read it in tiles with tile=512"
        )


def probabilities(model: UnetModel, config: UnetConfig, picture: np.ndarray) -> np.ndarray:
    """Return the object probability (H, W) of a picture (H, W, 3) of any size.

    With image_size the picture is scaled to it and the result back; with tile it is tiled.
    """

    def decide(part: np.ndarray) -> np.ndarray:
        blank = np.zeros(part.shape[:2], np.uint8)
        return model.predict(Batch(np.ascontiguousarray(part)[None], blank[None], ["part"]))[0]

    if config.tile:
        return tiled(picture, decide, config.tile, config.overlap)
    if config.image_size is None:
        return decide(picture)
    side = config.image_size
    small, _ = fit(picture, np.zeros(picture.shape[:2], np.uint8), (side, side))
    answer = Image.fromarray(decide(small))
    height, width = picture.shape[:2]
    return np.asarray(answer.resize((width, height), Image.Resampling.BILINEAR))


def _prediction(picture: np.ndarray, shares: np.ndarray, threshold: float) -> SourcePrediction:
    mask = shares >= threshold
    lines = outlines(shares, threshold)
    height, width = mask.shape
    row = {
        "width": width,
        "height": height,
        "object_pixels": int(mask.sum()),
        "object_share": float(mask.mean()),
        "outlines": len(lines),
    }
    files = {
        "-mask.png": _png(mask.astype(np.uint8) * 255),
        "-outlines.json": json.dumps([np.round(line, 2).tolist() for line in lines]).encode(),
    }
    return SourcePrediction([row], overlay(picture, mask, lines), files=files)


def outlines(shares: np.ndarray, threshold: float) -> list[np.ndarray]:
    """Return closed contours (P, 2), x and y in pixels, at the threshold probability.

    (0, 0) is the upper left corner of the picture; holes have their own contours.
    """
    import contourpy

    # The padding is background, so that contours close at the border.
    around = np.pad(shares, 1)
    found = contourpy.contour_generator(z=around).lines(threshold)
    return [np.asarray(line) - 0.5 for line in found]


def overlay(picture: np.ndarray, mask: np.ndarray, lines: Sequence[np.ndarray]) -> Any:
    """Return the picture with its object tinted and outlined, as a PIL image."""
    tinted = picture.astype(float)
    tinted[mask] += (_TINT - tinted[mask]) * _TINT_SHARE
    image = Image.fromarray(tinted.astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for line in lines:
        pen.line([tuple(point) for point in line.tolist()], fill=_LINE, width=1)
    return image


def _png(pixels: np.ndarray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, format="PNG")
    return content.getvalue()
