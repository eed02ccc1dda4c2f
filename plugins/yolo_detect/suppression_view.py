"""Raw boxes before and after NMS, with a slider for each threshold."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

from nntasks.interfaces.report_data import Figure, Interactive
from nntasks.plugins.yolo_detect.by_hand.boxes import Boxes
from nntasks.plugins.yolo_detect.by_hand.nms_steps import nms_steps
from nntasks.plugins.yolo_detect.by_hand.output_tensor import OutputTensor
from nntasks.plugins.yolo_detect.inference.drawing import Mark, class_colour, draw, montage
from nntasks.report.encoding import compact, mime
from nntasks.report.formatting import clean

Outputs = Sequence[tuple[Any, OutputTensor]]

LOWEST = 0.05  # confidence of the raw boxes; below it there are thousands of each object
MOST = 300  # raw boxes of a picture, highest scores first
_SIDE = 400  # pixels of a picture in the figure, and of one on the page
_SCRIPT = ("nntasks.plugins.yolo_detect", "suppression_view.js")
_STYLE = ("nntasks.plugins.yolo_detect", "suppression_view.css")


def figure(outputs: Callable[[], Outputs], confidence: float, iou: float) -> Figure:
    """Return the figure of some pictures, with the raw boxes on the left and what NMS leaves.

    Args:
        outputs: returns the id of each picture, and the whole output of the detector for it.
        confidence: the threshold at first, in 0..1.
        iou: of NMS, likewise.
    """
    return Figure(
        "nms",
        "Boxes before and after NMS",
        f"Left: all boxes with a confidence of at least {confidence:g}. Right: the boxes that NMS "
        f"keeps at an IoU threshold of {iou:g}, within each class. Colours are classes.",
        lambda: _draw(outputs(), confidence, iou),
        interactive=lambda: sliders(outputs(), confidence, iou),
    )


def sliders(outputs: Outputs, confidence: float, iou: float) -> Interactive:
    """Return the interactive form, of outputs by id.

    The content has `names`, `confidence`, `lowest`, `iou` and `pictures` of `id`, `source`,
    `width`, `height`, and `boxes` by descending score: x1, y1, x2, y2 in tenths of a pixel, the
    score in thousandths, and the label.
    """
    content = {
        "names": [clean(name) for name in outputs[0][1].class_names] if outputs else [],
        "colours": ["#{:02x}{:02x}{:02x}".format(*class_colour(label)) for label in range(80)],
        "confidence": confidence,
        "lowest": LOWEST,
        "iou": iou,
        "pictures": [_picture(name, output) for name, output in outputs],
    }
    return Interactive("suppression", content, (_SCRIPT,), (_STYLE,))


def raw_boxes(output: OutputTensor) -> Boxes:
    """Return the strongest boxes before NMS, by descending score, in pixels of the picture."""
    found = output.in_picture(output.candidates(LOWEST))
    return found[np.argsort(-found.scores, kind="stable")[:MOST]]


def _picture(name: Any, output: OutputTensor) -> dict[str, Any]:
    found = raw_boxes(output)
    numbers = np.column_stack([found.boxes * 10, found.scores * 1000, found.labels])
    height, width = output.picture.shape[:2]
    image = Image.fromarray(output.picture)
    image.thumbnail((_SIDE, _SIDE))
    data = compact(image)
    source = f"data:{mime(data)};base64,{base64.b64encode(data).decode('ascii')}"
    return {
        "id": clean(str(name)),
        "source": source,
        "width": width,
        "height": height,
        "boxes": numbers.round().astype(int).tolist(),
    }


def _draw(outputs: Outputs, confidence: float, iou: float) -> Any:
    pictures = []
    for _, output in outputs:
        found = output.in_picture(output.candidates(confidence))
        for boxes in (found, nms_steps(found, iou).final):
            marks = [
                Mark(box, "", class_colour(int(label)))
                for box, label in zip(boxes.boxes.tolist(), boxes.labels, strict=True)
            ]
            pictures.append(draw(output.picture, marks, side=_SIDE, sharp=True))
    return montage(pictures, 2)
