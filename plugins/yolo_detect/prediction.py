"""What `predict` gives for image files: rows of boxes, and pictures with the boxes drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.errors import UsageError
from core.interfaces import SourcePrediction
from plugins.yolo_detect.config import YoloConfig
from plugins.yolo_detect.data.image_files import read_image
from plugins.yolo_detect.drawing import Mark, class_colour, draw
from plugins.yolo_detect.letterbox import fit_square
from plugins.yolo_detect.model import YoloModel
from plugins.yolo_detect.postprocessing import detect
from plugins.yolo_detect.samples import Detections


def predict_files(
    model: YoloModel, config: YoloConfig, paths: Sequence[Path]
) -> Iterator[SourcePrediction]:
    """Yield, file by file, the boxes above `confidence` after NMS, and the picture with them.

    A record holds rank, label, class, score and x1, y1, x2, y2 in pixels of the picture.
    """
    for path in paths:
        try:
            image = read_image(path)
        except UsageError as error:
            yield SourcePrediction((), problem=str(error))
            continue
        found = _detect(model, config, image)
        yield SourcePrediction(
            _records(found, model.classes), _picture(image, found, model.classes)
        )


@torch.inference_mode()
def _detect(model: YoloModel, config: YoloConfig, image: np.ndarray) -> Detections:
    square, letterbox = fit_square(image, model.image_size)
    pixels = torch.from_numpy(square).permute(2, 0, 1)[None].to(model.device).float() / 255
    raw = model.module.eval()(pixels)
    return detect(
        raw,
        model.module.head.anchors,
        confidence=config.confidence,
        iou=config.iou,
        max_detections=config.max_detections,
        multi_label=False,
        letterboxes=[letterbox],
    )[0]


def _records(found: Detections, names: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "box": rank,
            "label": int(label),
            "class": names[label],
            "score": round(float(score), 6),
            **dict(zip(("x1", "y1", "x2", "y2"), np.round(box, 2).tolist(), strict=True)),
        }
        for rank, (box, score, label) in enumerate(
            zip(found.boxes, found.scores, found.labels, strict=True)
        )
    ]


def _picture(image: np.ndarray, found: Detections, names: Sequence[str]) -> Any:
    marks = [
        Mark(box, f"{names[label]} {score:.2f}", class_colour(int(label)))
        for box, score, label in zip(found.boxes, found.scores, found.labels, strict=True)
    ]
    return draw(image, marks)
