"""The known traps are named where they are, and only there."""

from __future__ import annotations

import pytest
from detection_oracle import coco_dataset, coco_results, reference
from score_problems import problem

from nntasks.scoring import score

BOX = [10, 10, 50, 50]


def notes(dataset, results):
    return score("yolo_detect", dataset, {"mine": results}).notes


def plain():
    dataset = coco_dataset([1, 2], [1], [(1, 1, BOX, False, 2500.0), (2, 1, BOX, False, 2500.0)])
    return dataset, coco_results([(1, 1, BOX, 0.9), (2, 1, BOX, 0.8)])


def said(dataset, results):
    return [line.removeprefix("mine: ") for line in notes(dataset, results) if "mine: " in line]


def test_nothing_is_said_of_plain_boxes():
    assert said(*plain()) == []


def test_an_id_of_zero_is_matched_here_and_lost_in_pycocotools():
    dataset, results = plain()
    dataset["annotations"][0]["id"] = 0
    theirs = reference(dataset, results).stats[1]
    assert theirs < 0.6
    (line,) = said(dataset, results)
    assert f"their mAP@0.5 is {theirs:.4f}; here it is matched" in line
    numbers = score("yolo_detect", dataset, {"mine": results}).found[0].conventions
    assert numbers["pycocotools"]["map50"] == pytest.approx(1)


def test_crowds_difficult_objects_and_masks():
    dataset, results = plain()
    dataset["annotations"][0]["iscrowd"] = 1
    dataset["annotations"][1]["area"] = 2000.0
    lines = said(dataset, results)
    assert lines[0].startswith("1 crowd region: detections inside are ignored by pycocotools")
    assert lines[1].startswith("1 object with an area that is not that of the box")


def test_repeats_and_equal_scores():
    dataset, results = plain()
    dataset["annotations"].append(dataset["annotations"][0] | {"id": 9})
    results.append(dict(results[0]))
    lines = said(dataset, results)
    assert lines[0].startswith("1 object repeats another one of the same image and class")
    assert lines[1].startswith("1 detection repeats another one")
    assert lines[2].startswith("1 detection with the score of another one")


def test_limits(real_data):
    dataset, results, _ = problem(real_data, "crowded")
    lines = said(dataset, results)
    assert any("beyond the best 100 of an image and class" in line for line in lines)
    assert any(line.startswith("114 detections beyond the best 300") for line in lines)
