"""Reading a mask from a file: which pixels are of the object."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.samples import BACKGROUND, IGNORED, OBJECT

_LABELS = ("1", "L", "P")  # modes whose pixels are one number of 8 bits; of P, the palette's index
_NAMED = 6


def read_labels(path: Path) -> np.ndarray:
    """Return the numbers (H, W) uint8 that a picture of labels holds.

    Raises:
        UsageError: it cannot be read, or is no picture of labels.
    """
    try:
        with Image.open(path) as image:
            if image.mode not in _LABELS:
                raise UsageError(
                    f"{path}: expected a grey, two-coloured or palette picture of labels, got mode "
                    f"{image.mode}"
                )
            labels = np.array(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UsageError(f"cannot read mask {path}: {error}") from error
    return labels.astype(np.uint8)


def object_mask(
    labels: np.ndarray, path: Path, objects: Sequence[int], ignored: int | None
) -> np.ndarray:
    """Return a mask (H, W) uint8 of 0, 1 and 255 (not counted).

    Args:
        labels: (H, W) uint8.
        path: for messages.
        objects: labels of the object; none for masks of 0 and 1, or of 0 and 255.
        ignored: label of pixels that are not counted; None for none.

    Raises:
        UsageError: there are other labels than 0 and 1, or 0 and 255, and none was said to be
            the object.
    """
    if objects:
        mask = np.where(np.isin(labels, objects), OBJECT, BACKGROUND).astype(np.uint8)
    else:
        found = np.unique(labels if ignored is None else labels[labels != ignored]).tolist()
        if not set(found) <= {0, 1} and not set(found) <= {0, 255}:
            some = ", ".join(map(str, found[:_NAMED])) + (", ..." if len(found) > _NAMED else "")
            raise UsageError(
                f"{path}: expected labels 0 and 1, or 0 and 255, got {some}; say which are of the "
                "object with data.object=1,2"
            )
        mask = (labels != 0).astype(np.uint8)
    if ignored is not None:
        mask[labels == ignored] = IGNORED
    return mask
