"""How maps of the decoder and of the encoder come to one size, so that they can be joined.

Halving an odd side drops its last row or column, so a map that was halved and doubled again can be
smaller than the encoder's map of that level. All maps begin at the top left pixel of the picture:
rows and columns are missing at the bottom and at the right, and are added or cut there.
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor
from torch.nn import functional

Align = Literal["picture", "pad", "crop", "resize"]


def to_one_size(x: Tensor, across: Tensor, align: Align) -> tuple[Tensor, Tensor]:
    """Return a map of the decoder and one of the encoder with equal sides.

    Args:
        x: (B, C, H, W) of the decoder.
        across: (B, D, H', W') of the encoder.
        align: "pad" adds zeros to `x`, or cuts it where it is larger; "resize" scales `x`, between
            pixels linearly; "crop" cuts the larger of the two; "picture" changes nothing.
    """
    height, width = across.shape[2:]
    if align == "picture" or x.shape[2:] == across.shape[2:]:
        return x, across
    if align == "pad":  # a negative number of rows cuts
        return functional.pad(x, (0, width - x.shape[3], 0, height - x.shape[2])), across
    if align == "resize":
        scaled = functional.interpolate(x, (height, width), mode="bilinear", align_corners=False)
        return scaled, across
    height, width = min(height, x.shape[2]), min(width, x.shape[3])
    return x[..., :height, :width], across[..., :height, :width]


def to_picture(logits: Tensor, height: int, width: int) -> Tensor:
    """Return logits (B, H, W) with the sides of the picture.

    Surplus rows and columns are cut; the last ones are repeated where some are missing, as with
    "crop".
    """
    missing = max(height - logits.shape[1], 0), max(width - logits.shape[2], 0)
    if any(missing):
        around = (0, missing[1], 0, missing[0])
        logits = functional.pad(logits[:, None], around, "replicate")[:, 0]
    return logits[:, :height, :width]
