"""Compare the mAP of YOLOv5n in float32 and bfloat16 on the 128 photographs of val2017.

    python benchmarks/map_by_precision.py                           # data in ../shared/data
    python benchmarks/map_by_precision.py --data FOLDER --split train2017

FOLDER holds `yolov5n/yolov5n.safetensors` and `coco128/`. Settings are those usual for mAP:
confidence 0.001, IoU 0.6, every class of a row above the threshold, at most 300 boxes an image. The
numbers are COCO's.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from data_folder import data_folder

from nntasks.errors import MissingError
from nntasks.pictures.files import read_image
from nntasks.plugins.yolo_detect.coco_api import COCO, COCOeval
from nntasks.plugins.yolo_detect.inference.arithmetic import SHORT, Choice
from nntasks.plugins.yolo_detect.inference.backends import Backend, open_backend
from nntasks.plugins.yolo_detect.inference.letterbox import fit_square
from nntasks.plugins.yolo_detect.inference.postprocessing import detect
from nntasks.plugins.yolo_detect.weights import load_weights, network_for

SIZE = 640
CHOICES = tuple(Choice(name, precision) for precision in ("float32", "bfloat16") for name in SHORT)


@torch.inference_mode()
def results(truth: COCO, folder: Path, backend: Backend, anchors: torch.Tensor) -> list[dict]:
    """Return the detections in all images, as COCO's result files have them."""
    categories, found = sorted(truth.getCatIds()), []
    for image in truth.loadImgs(truth.getImgIds()):
        square, place = fit_square(read_image(folder / image["file_name"]), SIZE)
        (boxes,) = detect(
            backend(torch.from_numpy(square).permute(2, 0, 1)[None]),
            anchors,
            confidence=0.001,
            iou=0.6,
            max_detections=300,
            multi_label=True,
            letterboxes=[place],
        )
        for (x, y, right, bottom), score, label in zip(
            boxes.boxes.tolist(), boxes.scores.tolist(), boxes.labels.tolist(), strict=True
        ):
            box = {"bbox": [x, y, right - x, bottom - y], "score": score}
            found.append({"image_id": image["id"], "category_id": categories[label], **box})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--split", choices=("val2017", "train2017"), default="val2017")
    arguments = parser.parse_args()
    network = network_for(load_weights(arguments.data / "yolov5n" / "yolov5n.safetensors"))
    anchors = network.head.anchors.detach()
    photographs = arguments.data / "coco128"
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools' remarks
        truth = COCO(str(photographs / "annotations" / f"instances_{arguments.split}_128.json"))
    for choice in CHOICES:
        try:
            backend = open_backend(choice, network, SIZE, "cpu")
        except MissingError as error:
            print(f"{choice.name} {choice.precision}: left out; {error}")
            continue
        found = results(truth, photographs / "images" / arguments.split, backend, anchors)
        with contextlib.redirect_stdout(io.StringIO()):
            scoring = COCOeval(truth, truth.loadRes(found), "bbox")
            scoring.evaluate()
            scoring.accumulate()
            scoring.summarize()
        print(
            f"{choice.name:9s} {choice.precision:9s} mAP@0.5 {scoring.stats[1]:.4f}, "
            f"mAP {scoring.stats[0]:.4f}, {len(found)} boxes",
            flush=True,
        )


if __name__ == "__main__":
    main()
