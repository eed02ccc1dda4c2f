"""Real candidates: what YOLOv5n gives for 128 photographs before NMS.

As for mAP: photographs in a square of 640 x 640 pixels, a box for each row and class whose score is
above 0.001. The weights and photographs are `yolov5n/yolov5n.safetensors` and
`coco128/images/val2017` in the folder of data; computing takes some seconds, once a process.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import torch
from data_folder import data_folder
from PIL import Image

from nntasks.errors import MissingError
from nntasks.plugins.yolo_detect.inference.backends import open_backend
from nntasks.plugins.yolo_detect.inference.letterbox import fit_square
from nntasks.plugins.yolo_detect.inference.postprocessing import Candidates, select
from nntasks.plugins.yolo_detect.weights import load_weights, network_for

SIZE, CONFIDENCE, IOU = 640, 0.001, 0.6
CLASSES = 80


def candidates() -> list[Candidates]:
    """Return the candidates of each photograph, in the order of the files' names.

    Raises:
        MissingError: the weights or the photographs are not in the folder of data.
    """
    return _candidates(data_folder())


def most_candidates(count: int) -> Candidates:
    """Return the `count` best candidates of the photograph that has most of them.

    Raises:
        MissingError: as `candidates`.
    """
    most = max(candidates(), key=len)
    return most[most.scores.argsort(descending=True, stable=True)[:count]]


@functools.cache
def _candidates(folder: Path) -> list[Candidates]:
    weights = folder / "yolov5n" / "yolov5n.safetensors"
    photographs = sorted((folder / "coco128" / "images" / "val2017").glob("*.jpg"))
    if not (weights.is_file() and photographs):
        raise MissingError(
            f"expected yolov5n/yolov5n.safetensors and coco128/images/val2017 in {folder}; "
            "set NNTASKS_DATA"
        )
    network = network_for(load_weights(weights))
    backend = open_backend("auto", network, SIZE, "cpu")
    found = []
    for file in photographs:
        with Image.open(file) as image:
            square, _ = fit_square(np.asarray(image.convert("RGB")), SIZE)
        output = backend(torch.from_numpy(square).permute(2, 0, 1)[None])
        found.append(select(output, network.head.anchors, confidence=CONFIDENCE, multi_label=True))
    return found
