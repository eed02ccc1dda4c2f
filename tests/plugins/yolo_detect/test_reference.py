"""Public weights give what the public code gives: detections of four photographs, and mAP."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from nntasks.pictures.files import read_image
from nntasks.plugins.yolo_detect.inference.decoding import decode
from nntasks.plugins.yolo_detect.inference.letterbox import fit_square
from nntasks.plugins.yolo_detect.inference.output import Logits
from nntasks.plugins.yolo_detect.inference.postprocessing import detect
from nntasks.plugins.yolo_detect.network import STRIDES

SETTINGS = {
    "detect_conf0.25_iou0.45": {
        "confidence": 0.25,
        "iou": 0.45,
        "max_detections": 1000,
        "multi_label": False,
    },
    "val_conf0.001_iou0.6": {
        "confidence": 0.001,
        "iou": 0.6,
        "max_detections": 300,
        "multi_label": True,
    },
}


@pytest.fixture(scope="module")
def outputs(real_data, reference, public_model):
    """Return, per photograph, its raw output and its place in the square."""
    found = []
    for image in reference["images"]:
        square, letterbox = fit_square(read_image(real_data / image["file"]), 640)
        pixels = torch.from_numpy(square).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode():
            found.append((public_model.module.eval()(pixels), letterbox))
    return found


@pytest.mark.parametrize("index", range(4))
class TestPhotographs:
    def test_raw_and_decoded_rows(self, reference, outputs, public_model, index):
        image, (raw, letterbox) = reference["images"][index], outputs[index]
        assert letterbox.left == image["letterbox"]["pad_left"]
        assert letterbox.top == image["letterbox"]["pad_top"]
        for level, expected in zip(raw, image["raw_levels"], strict=True):
            assert list(level.shape[1:]) == expected["shape"]
            for anchor, y, x, channel, value in expected["samples"]:
                assert float(level[0, anchor, y, x, channel]) == pytest.approx(value, abs=2e-3)
        decoded = decode(raw, public_model.module.head.anchors, STRIDES)[0]
        assert decoded.shape == (25_200, 85)
        for row in image["decoded"]["top5_objectness"]:
            ours = decoded[row["row"]]
            assert ours[:4].tolist() == pytest.approx(row["cxcywh"], abs=0.01)
            assert float(ours[4]) == pytest.approx(row["objectness"], abs=1e-4)
            assert int(ours[5:].argmax()) == row["best_class"]
            assert float(ours[5:].max()) == pytest.approx(row["best_class_prob"], abs=1e-4)

    @pytest.mark.parametrize("setting", SETTINGS)
    def test_final_boxes(self, reference, outputs, public_model, index, setting):
        """Every reference box is found; what is found besides must be a tie that rounding broke.

        The reference separates classes by shifting boxes by 7680 pixels a class. That rounds
        coordinates to 1/16 pixel or less, so a pair whose IoU is at the threshold may fall to
        the other side; ours computes with the boxes as they are.
        """
        raw, letterbox = outputs[index]
        keys = SETTINGS[setting]
        anchors = public_model.module.head.anchors
        ours = detect(Logits(raw), anchors, letterboxes=[letterbox], **keys)[0]
        theirs = reference["images"][index][setting]
        assert theirs
        free = set(range(len(ours.scores)))
        for box in theirs:
            matches = [
                i
                for i in free
                if ours.labels[i] == box["cls"]
                and abs(ours.scores[i] - box["score"]) < 1e-3
                and np.abs(ours.boxes[i] - box["box"]).max() < 0.5
            ]
            assert matches, box
            free.remove(min(matches, key=lambda i: np.abs(ours.boxes[i] - box["box"]).max()))
        for extra in free:
            rivals = [box["box"] for box in theirs if box["cls"] == ours.labels[extra]]
            overlaps = [overlap(ours.boxes[extra], rival) for rival in rivals]
            assert any(abs(iou - keys["iou"]) < 0.02 for iou in overlaps), overlaps
        assert len(free) <= 1


def overlap(a, b):
    """Return the IoU of two boxes."""
    x1, y1 = np.maximum(a[:2], b[:2])
    x2, y2 = np.minimum(a[2:], b[2:])
    inside = max(x2 - x1, 0) * max(y2 - y1, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return inside / (sum(areas) - inside)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "map50", "map50_95"), [("val2017", 0.5256, 0.3400), ("train2017", 0.5524, 0.3573)]
)
def test_map_on_the_photographs(cli, tmp_path, real_data, public_weights, part, map50, map50_95):
    process = cli(
        "run",
        "yolo_detect",
        "data=coco128",
        f"weights={public_weights}",
        f"data.test={part}",
        "--json",
        cwd=tmp_path,
        plugins=(),
        NNTASKS_DATA=str(real_data),
    )
    assert process.returncode == 0, process.stderr
    summary = json.loads(process.stdout)
    assert summary["model"] == "yolov5n"
    assert summary["metrics"]["map50"] == pytest.approx(map50, abs=0.002)
    assert summary["metrics"]["map50_95"] == pytest.approx(map50_95, abs=0.002)
