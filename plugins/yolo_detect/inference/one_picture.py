"""The complete output of the network for one picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from nntasks.plugins.yolo_detect.inference.letterbox import Letterbox, fit_square
from nntasks.plugins.yolo_detect.inference.output import Logits
from nntasks.plugins.yolo_detect.model import YoloModel


@dataclass(frozen=True)
class PictureOutput:
    """One picture and the network's output for it.

    Attributes:
        square: (S, S, 3) uint8, the picture as the network reads it.
        letterbox: the place of the picture in the square.
        logits: of all rows.
    """

    square: np.ndarray
    letterbox: Letterbox
    logits: Logits


@torch.inference_mode()
def picture_output(model: YoloModel, image: np.ndarray) -> PictureOutput:
    """Apply the network to a picture (H, W, 3) uint8 RGB."""
    square, letterbox = fit_square(image, model.image_size)
    pixels = torch.from_numpy(square).permute(2, 0, 1)[None].to(model.device).float() / 255
    return PictureOutput(square, letterbox, Logits(model.module.eval()(pixels)))
