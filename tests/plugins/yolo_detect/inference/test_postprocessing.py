"""From logits to final boxes on a tiny output whose scores are chosen one by one."""

from __future__ import annotations

import math

import pytest
import torch

from nntasks.plugins.yolo_detect.inference import postprocessing
from nntasks.plugins.yolo_detect.inference.letterbox import Letterbox
from nntasks.plugins.yolo_detect.inference.nms_rule import SoftNms
from nntasks.plugins.yolo_detect.inference.output import Logits
from nntasks.plugins.yolo_detect.inference.postprocessing import (
    Candidates,
    detect,
    select,
    suppress,
)

ANCHORS = torch.full((3, 1, 2), 2.0)  # in cells: boxes of 16, 32 and 64 pixels
KEYS = {"iou": 0.5, "max_detections": 10}
PLAIN = Letterbox.of(32, 32, 32)


def logit(share):
    return math.log(share / (1 - share))


def output(*rows, images=1):
    """Return logits of 32 x 32 pixels with rows (image, level, y, x, objectness, classes)."""
    raw = [torch.full((images, 1, side, side, 7), -20.0) for side in (4, 2, 1)]
    for image, level, y, x, objectness, classes in rows:
        values = [0.0] * 4 + [logit(share) for share in (objectness, *classes)]
        raw[level][image, 0, y, x] = torch.tensor(values)
    return Logits(raw)


SURE, UNSURE = (0, 0, 1, 2, 0.8, (0.9, 0.5)), (0, 1, 0, 0, 0.5, (0.1, 0.8))


def test_a_row_is_a_box_of_its_best_class():
    found = select(output(SURE, UNSURE), ANCHORS, confidence=0.25, multi_label=False)
    assert found.scores.tolist() == pytest.approx([0.8 * 0.9, 0.5 * 0.8], abs=1e-6)
    assert found.labels.tolist() == [0, 1]
    assert found.row.tolist() == [4 + 2, 16]
    assert found.boxes[0].tolist() == pytest.approx([20 - 8, 12 - 8, 20 + 8, 12 + 8])
    assert found.boxes[1].tolist() == pytest.approx([8 - 16, 8 - 16, 8 + 16, 8 + 16])
    assert len(found) == 2


def test_a_row_is_a_box_of_every_class_above_the_threshold():
    found = select(output(SURE, UNSURE), ANCHORS, confidence=0.25, multi_label=True)
    pairs = list(zip(found.row.tolist(), found.labels.tolist(), strict=True))
    assert pairs == [(6, 0), (6, 1), (16, 1)]


@pytest.mark.parametrize(("confidence", "count"), [(0.0, 21), (0.45, 1), (0.75, 0), (1.0, 0)])
def test_objectness_and_score_must_be_above_the_threshold(confidence, count):
    found = select(output(SURE, UNSURE), ANCHORS, confidence=confidence, multi_label=False)
    assert len(found) == count


def test_only_the_strongest_candidates_of_each_image_are_kept(monkeypatch):
    monkeypatch.setattr(postprocessing, "MOST_CANDIDATES", 2)
    rows = [(0, 0, 0, x, 0.9, (share, 0.1)) for x, share in enumerate((0.5, 0.9, 0.7, 0.9))]
    rows += [(1, 0, 0, 0, 0.9, (0.4, 0.1))]
    found = select(output(*rows, images=2), ANCHORS, confidence=0.2, multi_label=False)
    assert found.image.tolist() == [0, 0, 1]
    assert found.row.tolist() == [1, 3, 0]


def test_nms_acts_within_a_class_and_an_image():
    box = torch.tensor([[0.0, 0, 10, 10]])
    image, label = torch.tensor([0, 0, 1, 0]), torch.tensor([0, 1, 0, 0])
    scores = torch.tensor([0.6, 0.7, 0.8, 0.9])
    found = Candidates(image, torch.arange(4), box.expand(4, 4).contiguous(), scores, label)
    assert suppress(found, 0.5, 2).tolist() == [3, 2, 1]


def test_final_boxes_are_in_pixels_of_the_picture():
    """A picture of 64 x 32 pixels is halved; its square has 8 rows of grey above and below."""
    wide = Letterbox.of(64, 32, 32)
    (found,) = detect(
        output(SURE), ANCHORS, confidence=0.25, multi_label=False, letterboxes=[wide], **KEYS
    )
    assert found.boxes.tolist() == [pytest.approx([24, 0, 56, 24])]  # clipped at the upper edge
    assert found.labels.tolist() == [0]
    assert found.boxes.dtype == found.scores.dtype == float


def test_each_image_has_its_boxes_by_falling_score_and_no_more_than_wanted():
    rows = [(0, 0, 0, 0, 0.9, (0.4, 0.1)), (0, 0, 3, 3, 0.9, (0.9, 0.1)), (2, *SURE[1:])]
    keys = {"confidence": 0.25, "multi_label": False, "letterboxes": [PLAIN] * 3}
    first, none, third = detect(output(*rows, images=3), ANCHORS, **keys, **KEYS)
    assert first.scores.tolist() == pytest.approx([0.81, 0.36], abs=1e-6)
    assert len(none.scores) == 0
    assert none.boxes.shape == (0, 4)
    assert third.scores.tolist() == pytest.approx([0.72], abs=1e-6)
    few = detect(output(*rows, images=3), ANCHORS, **keys, iou=0.5, max_detections=1)
    assert few[0].scores.tolist() == first.scores[:1].tolist()


def test_a_box_that_overlaps_a_better_one_is_dropped_or_lowered():
    """Two neighbouring cells: boxes of 16 pixels, 8 apart, so their IoU is 1/3."""
    rows = [(0, 0, 1, 1, 0.9, (0.9, 0.1)), (0, 0, 1, 2, 0.9, (0.8, 0.1))]
    keys = {"confidence": 0.25, "multi_label": False, "letterboxes": [PLAIN]}
    counts = [
        len(detect(output(*rows), ANCHORS, **keys, iou=iou, max_detections=10)[0].scores)
        for iou in (0.34, 0.32)
    ]
    assert counts == [2, 1]
    (soft,) = detect(output(*rows), ANCHORS, **keys, iou=SoftNms(0.5, 0.25), max_detections=10)
    assert soft.scores.tolist() == pytest.approx([0.81, 0.72 * math.exp(-2 / 9)], abs=1e-5)
