"""The explanation of one row of the output: its values, and its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Suppressor:
    """The final box that suppressed a row in NMS.

    Attributes:
        box: its rank among the final boxes.
        row: its row in the decoded output.
        score: its score, at least that of the row.
        iou: its IoU with the row's box, above the threshold.
    """

    box: int
    row: int
    score: float
    iou: float


@dataclass(frozen=True)
class Explanation:
    """One row of the output, from raw logits to its result in NMS.

    Attributes:
        file: the picture.
        row: index of the row; `rows` is the number of rows.
        level, stride, anchor, grid_row, grid_column: its place in the output.
        anchor_size: width and height in pixels of the network's input.
        logits: raw x, y, w, h and objectness.
        class_logits: raw logit of each listed class, in descending order.
        network_box: x1, y1, x2, y2 in pixels of the network's input.
        box: the same in pixels of the picture.
        objectness: in 0..1.
        classes: probability of each listed class, in descending order.
        label: the most probable class.
        score: objectness times its probability.
        confidence, iou: the thresholds in use.
        fate: "kept", "low objectness", "low score", "suppressed" or "beyond the limit".
        rank: its rank among the final boxes, from 0; None if it is not one of them.
        suppressor: the box that suppressed it, if any.
        suppressed_rows: the rows that it suppressed.
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
        """Return all fields as JSON values."""
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


def _corners(box: Sequence[float]) -> str:
    x1, y1, x2, y2 = box
    return f"({x1:.1f}, {y1:.1f}) to ({x2:.1f}, {y2:.1f})"
