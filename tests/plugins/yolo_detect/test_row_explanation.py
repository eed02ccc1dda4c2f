"""The explanation of a row as text and as JSON values."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nntasks.plugins.yolo_detect.row_explanation import Explanation, Suppressor

ROW = Explanation(
    file="a.jpg",
    row=12,
    rows=25_200,
    level=1,
    stride=16,
    anchor=2,
    grid_row=3,
    grid_column=4,
    anchor_size=(59.0, 119.5),
    logits=(0.5, -0.25, 0.0, 1.0, 2.0),
    class_logits={"dog": 1.5, "cat": -3.0},
    network_box=(1.0, 2.0, 3.04, 4.0),
    box=(10.0, 20.0, 30.0, 40.0),
    objectness=0.88,
    classes={"dog": 0.8175, "cat": 0.0474},
    label="dog",
    score=0.7194,
    confidence=0.25,
    iou=0.45,
    fate="kept",
    rank=3,
    suppressor=None,
    suppressed_rows=(11, 13),
)


def last_line(explanation):
    return str(explanation).splitlines()[-1].removeprefix("  fate        ")


def test_the_text_shows_every_step_from_the_logits_on():
    text = str(ROW)
    for line in (
        "row 12 of 25200 in a.jpg",
        "level 1 (stride 16), cell row 3 column 4, anchor 2 (59 x 119.5 px)",
        "x 0.5000  y -0.2500  w 0.0000  h 1.0000  objectness 2.0000  dog 1.5000",
        "(2 sigmoid(0.5000) - 0.5 + 4) * 16, (2 sigmoid(-0.2500) - 0.5 + 3) * 16",
        "(2 sigmoid(0.0000))^2 * 59, (2 sigmoid(1.0000))^2 * 119.5",
        "(1.0, 2.0) to (3.0, 4.0) in the network's input",
        "(10.0, 20.0) to (30.0, 40.0) in the picture",
        "sigmoid(2.0000) = 0.88",
        "dog 0.8175, cat 0.0474",
        "0.88 * 0.8175 = 0.7194 for dog",
    ):
        assert line in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "kept as box 3; it suppressed 2 rows: 11, 13"),
        ({"suppressed_rows": ()}, "kept as box 3"),
        (
            {"fate": "low objectness"},
            "dropped: its objectness 0.88 is not above the confidence 0.25",
        ),
        (
            {"fate": "low score"},
            "dropped: its score 0.7194 is not above the confidence 0.25",
        ),
        (
            {"fate": "suppressed", "suppressor": Suppressor(1, 40, 0.9, 0.5)},
            "suppressed by box 1 (row 40, dog, score 0.9000): their IoU 0.5000 is above 0.45",
        ),
        (
            {"fate": "beyond the limit"},
            "not among the final boxes: there are more of them than max_detections",
        ),
    ],
)
def test_every_fate_is_a_sentence(changes, said):
    assert last_line(replace(ROW, **changes)) == said


def test_json_values_have_all_fields():
    suppressed = replace(ROW, suppressor=Suppressor(1, 40, 0.9, 0.5))
    values = json.loads(json.dumps(suppressed.to_dict()))
    assert set(values) == set(vars(ROW))
    assert values["suppressor"] == {"box": 1, "row": 40, "score": 0.9, "iou": 0.5}
    assert values["classes"] == ROW.classes
    assert values["network_box"] == list(ROW.network_box)
