"""Where a number of the output tensor, or a final box, comes from, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from nntasks.errors import UsageError
from nntasks.ops import box_iou
from nntasks.pictures.files import read_image
from nntasks.plugins.yolo_detect.config import YoloConfig
from nntasks.plugins.yolo_detect.inference.decoding import Place, decode_boxes, place_of
from nntasks.plugins.yolo_detect.inference.letterbox import Letterbox, fit_square
from nntasks.plugins.yolo_detect.inference.output import Logits
from nntasks.plugins.yolo_detect.inference.postprocessing import Candidates, select, suppress
from nntasks.plugins.yolo_detect.model import YoloModel
from nntasks.plugins.yolo_detect.network import STRIDES

_TOP = 3  # classes that are listed


@dataclass(frozen=True)
class Suppressor:
    """The final box that a box gave way to.

    Attributes:
        box: its rank among the final boxes.
        row: its row in the decoded output.
        score: its score, which is higher.
        iou: the overlap, which is above the threshold.
    """

    box: int
    row: int
    score: float
    iou: float


@dataclass(frozen=True)
class Explanation:
    """One row of the output, from raw logits to its fate.

    Attributes:
        file: the picture.
        row: number of the row; `rows` is how many there are.
        level, stride, anchor, grid_row, grid_column: where it comes from.
        anchor_size: width and height in pixels of the network's input.
        logits: raw x, y, w, h and objectness.
        class_logits: raw logit of each listed class, strongest first.
        network_box: x1, y1, x2, y2 in pixels of the network's input.
        box: the same in pixels of the picture.
        objectness: in 0..1.
        classes: probability of each listed class, strongest first.
        label: the strongest class.
        score: objectness times its probability.
        confidence, iou: the thresholds in use.
        fate: "kept", "low objectness", "low score", "suppressed" or "beyond the limit".
        rank: among the final boxes, from 0; None if it is none.
        suppressor: the box it gave way to, if it did.
        suppressed_rows: rows that gave way to it.
    """

    file: str
    row: int
    rows: int
    level: int
    stride: int
    anchor: int
    grid_row: int
    grid_column: int
    anchor_size: tuple[float, float]
    logits: tuple[float, ...]
    class_logits: dict[str, float]
    network_box: tuple[float, ...]
    box: tuple[float, ...]
    objectness: float
    classes: dict[str, float]
    label: str
    score: float
    confidence: float
    iou: float
    fate: str
    rank: int | None
    suppressor: Suppressor | None
    suppressed_rows: tuple[int, ...]

    def to_dict(self) -> dict[str, object]:
        """Return everything as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        x, y, w, h, o = self.logits
        width, height = self.anchor_size
        classes = ", ".join(f"{name} {share:.4g}" for name, share in self.classes.items())
        return "\n".join(
            [
                f"row {self.row} of {self.rows} in {self.file}",
                (
                    f"  place       level {self.level} (stride {self.stride}), cell row "
                    f"{self.grid_row} column {self.grid_column}, anchor {self.anchor} "
                    f"({width:g} x {height:g} px)"
                ),
                (
                    f"  raw logits  x {x:.4f}  y {y:.4f}  w {w:.4f}  h {h:.4f}  "
                    f"objectness {o:.4f}  {self.label} {self.class_logits[self.label]:.4f}"
                ),
                (
                    f"  centre      (2 sigmoid({x:.4f}) - 0.5 + {self.grid_column}) * "
                    f"{self.stride}, (2 sigmoid({y:.4f}) - 0.5 + {self.grid_row}) * {self.stride}"
                ),
                (
                    f"  sides       (2 sigmoid({w:.4f}))^2 * {width:g}, "
                    f"(2 sigmoid({h:.4f}))^2 * {height:g}"
                ),
                f"  box         {_corners(self.network_box)} in the network's input",
                f"              {_corners(self.box)} in the picture",
                f"  objectness  sigmoid({o:.4f}) = {self.objectness:.4g}",
                f"  classes     {classes}",
                (
                    f"  score       {self.objectness:.4g} * {self.classes[self.label]:.4g} = "
                    f"{self.score:.4g} for {self.label}"
                ),
                f"  fate        {self._fate()}",
            ]
        )

    def _fate(self) -> str:
        if self.fate == "low objectness":
            return (
                f"dropped: its objectness {self.objectness:.4g} is not above the confidence "
                f"{self.confidence:g}"
            )
        if self.fate == "low score":
            return (
                f"dropped: its score {self.score:.4g} is not above the confidence "
                f"{self.confidence:g}"
            )
        if self.suppressor is not None:
            by = self.suppressor
            return (
                f"suppressed by box {by.box} (row {by.row}, {self.label}, score {by.score:.4f}): "
                f"their IoU {by.iou:.4f} is above {self.iou:g}"
            )
        if self.fate == "kept":
            rows = ", ".join(map(str, self.suppressed_rows))
            also = f"; it suppressed {len(self.suppressed_rows)} rows: {rows}" if rows else ""
            return f"kept as box {self.rank}{also}"
        return "not among the final boxes: there are more of them than max_detections"


def explain_row(model: YoloModel, config: YoloConfig, path: Path, row: int) -> Explanation:
    """Explain a row of the decoded output.

    Raises:
        UsageError: there are not so many rows, or the picture cannot be read.
    """
    return _Reading(model, config, path).explain(row)


def explain_box(model: YoloModel, config: YoloConfig, path: Path, rank: int) -> Explanation:
    """Explain a final box by its rank, 0 being the one of the highest score.

    Raises:
        UsageError: there are not so many boxes, or the picture cannot be read.
    """
    reading = _Reading(model, config, path)
    final = len(reading.final)
    if rank >= final:
        found = f"{final} boxes" if final else "no box"
        least = f"box=0 to box={final - 1}, or " if final else ""
        raise UsageError(
            f"box={rank}: {path} has {found} above confidence {config.confidence:g}; "
            f"expected {least}a lower confidence="
        )
    return reading.explain(int(reading.candidates.row[reading.final[rank]]))


class _Reading:
    """One picture through the network, with everything that NMS decided."""

    @torch.inference_mode()
    def __init__(self, model: YoloModel, config: YoloConfig, path: Path) -> None:
        self.model, self.config, self.path = model, config, path
        square, self.letterbox = fit_square(read_image(path), model.image_size)
        pixels = torch.from_numpy(square).permute(2, 0, 1)[None].to(model.device).float() / 255
        self.output = Logits(model.module.eval()(pixels))
        self.candidates: Candidates = select(
            self.output, self._anchors, confidence=config.confidence, multi_label=False
        )
        self.kept = suppress(self.candidates, config.iou, self.output.class_count)
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
        """Return the strongest kept box of the class that overlaps too much: NMS met it first."""
        rivals, overlaps = self._overlaps(candidate, self.kept)
        first = int((overlaps > self.config.iou).nonzero()[0])
        rival = int(rivals[first])
        return Suppressor(
            int((self.kept == rival).nonzero()[0]),
            int(self.candidates.row[rival]),
            float(self.candidates.scores[rival]),
            float(overlaps[first]),
        )

    def _suppressed_by(self, rank: int | None) -> tuple[int, ...]:
        """Return the rows of all candidates whose suppressor is the final box of this rank."""
        if rank is None:
            return ()
        kept = set(self.kept.tolist())
        keeper = int(self.kept[rank])
        dropped = torch.tensor(
            [index for index in range(len(self.candidates)) if index not in kept], dtype=torch.long
        )
        near, overlaps = self._overlaps(keeper, dropped)
        rows = [
            int(self.candidates.row[index])
            for index in near[overlaps > self.config.iou].tolist()
            if self._suppressor(index).box == rank
        ]
        return tuple(sorted(rows))

    def _overlaps(self, candidate: int, others: Tensor) -> tuple[Tensor, Tensor]:
        """Return those of `others` that have the candidate's class, and their IoU with it."""
        found = self.candidates
        others = others[found.labels[others] == found.labels[candidate]]
        return others, box_iou(found.boxes[candidate][None], found.boxes[others])[0]


def _in_picture(letterbox: Letterbox, box: Tensor) -> list[float]:
    return letterbox.to_original(box.double().numpy()[None])[0].tolist()


def _corners(box: Sequence[float]) -> str:
    x1, y1, x2, y2 = box
    return f"({x1:.1f}, {y1:.1f}) to ({x2:.1f}, {y2:.1f})"
