"""The output tensor of a picture, with names for its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nntasks.api.result import Result
from nntasks.api.rows import Rows
from nntasks.api.sources import as_pixels
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.by_hand.boxes import Boxes
from nntasks.plugins.yolo_detect.inference.decoding import decode, place_of
from nntasks.plugins.yolo_detect.inference.letterbox import Letterbox
from nntasks.plugins.yolo_detect.inference.one_picture import picture_output
from nntasks.plugins.yolo_detect.inference.output import Logits
from nntasks.plugins.yolo_detect.inference.postprocessing import select
from nntasks.plugins.yolo_detect.model import YoloModel
from nntasks.plugins.yolo_detect.network import STRIDES

GEOMETRY = ("x", "y", "w", "h", "objectness")


@dataclass(frozen=True, repr=False)
class OutputTensor:
    """The output of YOLOv5 for one picture: a row for each anchor of each grid cell.

    `output["objectness"]` is a column by its name.

    Attributes:
        array: (1, R, 5 + C) float32: centre x, centre y, width and height in pixels of the square,
            objectness and class probabilities in 0..1. R is 25,200 at 640 x 640 pixels.
        logits: (1, R, 5 + C) float32, the same before decoding.
        columns: the names of the 5 + C columns: x, y, w, h, objectness, then the classes.
        picture: (H, W, 3) uint8.
        square: (S, S, 3) uint8, the picture as the network reads it.
        letterbox: the place of the picture in the square.
        anchors: (levels, A, 2) widths and heights in pixels of the square.
    """

    array: np.ndarray
    logits: np.ndarray
    columns: tuple[str, ...]
    picture: np.ndarray
    square: np.ndarray
    letterbox: Letterbox
    anchors: np.ndarray
    _levels: Logits
    _cell_anchors: torch.Tensor

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, by label."""
        return self.columns[len(GEOMETRY) :]

    def __getitem__(self, column: str) -> np.ndarray:
        if column not in self.columns:
            raise KeyError(f"no column {column!r}; the columns are {', '.join(self.columns)}")
        return self.array[0, :, self.columns.index(column)]

    @property
    def scores(self) -> np.ndarray:
        """(R, C) float32: objectness times class probability."""
        return self.array[0, :, 4:5] * self.array[0, :, 5:]

    def place(self, row: int) -> dict[str, Any]:
        """Return level, stride, anchor, grid row and grid column of a row.

        Raises:
            IndexError: there is no such row.
        """
        place = place_of(row, self._levels.shapes)
        return {
            "level": place.level,
            "stride": STRIDES[place.level],
            "anchor": place.anchor,
            "anchor size": tuple(map(float, self.anchors[place.level, place.anchor])),
            "grid row": place.row,
            "grid column": place.column,
        }

    def table(self, rows: Sequence[int]) -> Rows:
        """Return chosen rows, with their place and their best class."""
        best = self.scores[list(rows)].argmax(axis=1)
        return Rows(
            {
                "row": row,
                **{name: float(self[name][row]) for name in GEOMETRY},
                "class": self.class_names[label],
                "score": float(self.scores[row, label]),
                **self.place(row),
            }
            for row, label in zip(rows, best.tolist(), strict=True)
        )

    def candidates(self, confidence: float = 0.25, *, multi_label: bool = False) -> Boxes:
        """Return the boxes above a confidence, before NMS, in pixels of the square.

        Args:
            confidence: threshold of the objectness and of the score, in 0..1.
            multi_label: whether a row gives a box for every class above the threshold, as for mAP,
                or only for its best class, as for display.
        """
        found = select(
            self._levels, self._cell_anchors, confidence=confidence, multi_label=multi_label
        )
        return Boxes(
            found.boxes.cpu().numpy(),
            found.scores.cpu().numpy(),
            found.labels.cpu().numpy(),
            self.class_names,
            found.row.cpu().numpy(),
        )

    def in_picture(self, boxes: Boxes) -> Boxes:
        """Return boxes of the square in pixels of the picture, clipped to it, in float64."""
        return replace(
            boxes,
            boxes=self.letterbox.to_original(boxes.boxes),
            scores=boxes.scores.astype(np.float64),
        )

    def __repr__(self) -> str:
        return f"<OutputTensor {self.array.shape}: {', '.join(self.columns[:7])}, ...>"


def open_detector(weights: Path | str) -> YoloModel:
    """Return the model of a weights file, or of a run's folder.

    Raises:
        UsageError: there is no such file, or it holds no weights of YOLOv5.
    """
    from nntasks.runner.prediction import open_model

    model = open_model("yolo_detect", Path(weights).expanduser(), [])[1]
    assert isinstance(model, YoloModel)
    return model


def read_output(detector: Result | YoloModel | Path | str, picture: Any) -> OutputTensor:
    """Apply a detector to one picture, and return its whole output.

    Args:
        detector: a run, or what `open_detector` takes or returns.
        picture: a path, a PIL image, or an array (H, W, 3) of uint8 or of floats in 0..1.

    Raises:
        UsageError: it is no detector, or the picture cannot be read.
    """
    if isinstance(detector, (Path, str)):
        detector = open_detector(detector)
    model = detector.model if isinstance(detector, Result) else detector
    if not isinstance(model, YoloModel):
        raise UsageError(
            f"read_output: expected a detector of yolo_detect, got {type(model).__name__}"
        )
    pixels = as_pixels(picture)
    output = picture_output(model, pixels)
    anchors = model.module.head.anchors.detach()
    raw = output.logits.raw
    flat = torch.cat([level.flatten(1, 3) for level in raw], dim=1)
    strides = torch.tensor(STRIDES, dtype=anchors.dtype, device=anchors.device)
    return OutputTensor(
        array=decode(raw, anchors, STRIDES).float().cpu().numpy(),
        logits=flat.float().cpu().numpy(),
        columns=(*GEOMETRY, *model.classes),
        picture=pixels,
        square=output.square,
        letterbox=output.letterbox,
        anchors=(anchors * strides[:, None, None]).cpu().numpy(),
        _levels=output.logits,
        _cell_anchors=anchors,
    )
