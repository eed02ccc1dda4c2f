"""Trace a row of the output, or a final box, from its raw logits through NMS."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from nntasks.errors import UsageError
from nntasks.pictures.files import read_image
from nntasks.plugins.yolo_detect.config import YoloConfig
from nntasks.plugins.yolo_detect.inference.decoding import Place, decode_boxes, place_of
from nntasks.plugins.yolo_detect.inference.letterbox import Letterbox
from nntasks.plugins.yolo_detect.inference.one_picture import picture_output
from nntasks.plugins.yolo_detect.inference.postprocessing import Candidates, select
from nntasks.plugins.yolo_detect.inference.suppression import suppression
from nntasks.plugins.yolo_detect.model import YoloModel
from nntasks.plugins.yolo_detect.network import STRIDES
from nntasks.plugins.yolo_detect.row_explanation import Explanation, Suppressor

_TOP = 3  # classes listed


def explain_row(model: YoloModel, config: YoloConfig, path: Path, row: int) -> Explanation:
    """Explain a row of the decoded output.

    Raises:
        UsageError: the row does not exist, or the picture cannot be read.
    """
    return _TracedPicture(model, config, path).explain(row)


def explain_box(model: YoloModel, config: YoloConfig, path: Path, rank: int) -> Explanation:
    """Explain a final box by its rank; rank 0 has the highest score.

    Raises:
        UsageError: the box does not exist, or the picture cannot be read.
    """
    traced = _TracedPicture(model, config, path)
    final = len(traced.final)
    if rank >= final:
        found = f"{final} boxes" if final else "no box"
        least = f"box=0 to box={final - 1}, or " if final else ""
        raise UsageError(
            f"box={rank}: {path} has {found} above confidence {config.confidence:g}; "
            f"expected {least}a lower confidence="
        )
    return traced.explain(int(traced.candidates.row[traced.final[rank]]))


class _TracedPicture:
    """The network's output for one picture, and the decisions of NMS."""

    @torch.inference_mode()
    def __init__(self, model: YoloModel, config: YoloConfig, path: Path) -> None:
        if config.nms == "soft":
            raise UsageError("explain supports nms=greedy alone; leave out nms=soft")
        self.model, self.config, self.path = model, config, path
        found = picture_output(model, read_image(path))
        self.letterbox, self.output = found.letterbox, found.logits
        self.candidates: Candidates = select(
            self.output, self._anchors, confidence=config.confidence, multi_label=False
        )
        self.decisions = suppression(
            self.candidates.boxes, self.candidates.scores, self.candidates.labels, config.iou
        )
        self.kept = self.decisions.kept
        self.final = self.kept[: config.max_detections]

    @property
    def _anchors(self) -> Tensor:
        return self.model.module.head.anchors

    def explain(self, row: int) -> Explanation:
        shapes = self.output.shapes
        rows = sum(a * h * w for a, h, w in shapes)
        try:
            place = place_of(row, shapes)
        except IndexError as error:
            raise UsageError(f"row={row}: {error}") from error
        level = self.output.raw[place.level]
        logits = level[0, place.anchor, place.row, place.column].float().cpu()
        shares = logits.sigmoid()
        top = torch.topk(logits[5:], min(_TOP, len(logits) - 5)).indices.tolist()
        names = self.model.classes
        anchor = (self._anchors[place.level, place.anchor] * STRIDES[place.level]).tolist()
        network_box = self._network_box(logits, place)
        score = float(shares[4] * shares[5 + top[0]])
        fate, rank, suppressor = self._fate(row, float(shares[4]))
        return Explanation(
            file=str(self.path),
            row=row,
            rows=rows,
            level=place.level,
            stride=STRIDES[place.level],
            anchor=place.anchor,
            grid_row=place.row,
            grid_column=place.column,
            anchor_size=(anchor[0], anchor[1]),
            logits=tuple(logits[:5].tolist()),
            class_logits={names[label]: float(logits[5 + label]) for label in top},
            network_box=tuple(network_box.tolist()),
            box=tuple(_in_picture(self.letterbox, network_box)),
            objectness=float(shares[4]),
            classes={names[label]: float(shares[5 + label]) for label in top},
            label=names[top[0]],
            score=score,
            confidence=self.config.confidence,
            iou=self.config.iou,
            fate=fate,
            rank=rank,
            suppressor=suppressor,
            suppressed_rows=self._suppressed_by(rank),
        )

    def _network_box(self, logits: Tensor, place: Place) -> Tensor:
        cell = torch.tensor([[place.column, place.row]])
        anchor = self._anchors[place.level, place.anchor].cpu()[None]
        stride = torch.tensor([[STRIDES[place.level]]])
        return decode_boxes(logits[None, :4], cell, anchor, stride)[0]

    def _fate(self, row: int, objectness: float) -> tuple[str, int | None, Suppressor | None]:
        at = (self.candidates.row == row).nonzero().flatten()
        if len(at) == 0:
            low = objectness <= self.config.confidence
            return ("low objectness" if low else "low score"), None, None
        rank = (self.kept == at[0]).nonzero().flatten()
        if len(rank) == 0:
            return "suppressed", None, self._suppressor(int(at[0]))
        if int(rank[0]) >= len(self.final):
            return "beyond the limit", None, None
        return "kept", int(rank[0]), None

    def _suppressor(self, candidate: int) -> Suppressor:
        """Return the highest-scoring kept box that suppresses this candidate."""
        rival = int(self.decisions.by[candidate])
        return Suppressor(
            int((self.kept == rival).nonzero()[0]),
            int(self.candidates.row[rival]),
            float(self.candidates.scores[rival]),
            float(self.decisions.iou[candidate]),
        )

    def _suppressed_by(self, rank: int | None) -> tuple[int, ...]:
        """Return the rows of all candidates that the final box of this rank suppresses."""
        if rank is None:
            return ()
        rows = self.candidates.row[self.decisions.by == self.kept[rank]]
        return tuple(sorted(rows.tolist()))


def _in_picture(letterbox: Letterbox, box: Tensor) -> list[float]:
    return letterbox.to_original(box.double().numpy()[None])[0].tolist()
