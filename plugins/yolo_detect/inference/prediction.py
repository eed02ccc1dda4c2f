"""The results of `predict` for image files: rows of boxes, and pictures with drawn boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.interfaces import SourcePrediction
from nntasks.plugins.yolo_detect.config import YoloConfig
from nntasks.plugins.yolo_detect.inference.detector import Detector
from nntasks.plugins.yolo_detect.inference.drawing import Mark, class_colour, draw
from nntasks.plugins.yolo_detect.model import YoloModel
from nntasks.plugins.yolo_detect.samples import Detections


def predict_files(
    model: YoloModel, config: YoloConfig, paths: Sequence[Path]
) -> Iterator[SourcePrediction]:
    """Yield for each file the boxes above `confidence` after NMS, and the picture with them.

    A record holds rank, label, class, score and x1, y1, x2, y2 in pixels of the picture.
    """
    for result in Detector.of(model, config).detect_all(paths):
        if isinstance(result, UsageError):
            yield SourcePrediction((), problem=str(result))
            continue
        records = _records(result.found, model.classes)
        yield SourcePrediction(records, _picture(result.image, result.found, model.classes))


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
        Mark(box, f"{names[label]}: {score:.2f}", class_colour(int(label)))
        for box, score, label in zip(found.boxes, found.scores, found.labels, strict=True)
    ]
    return draw(image, marks)
