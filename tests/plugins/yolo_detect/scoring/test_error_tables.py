"""Where the errors lie, in JSON: the rows of the page, all of them, under "errors"."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nntasks.scoring import score

NAMES = [
    "recall_by_size",
    "recall_by_crowding",
    "reliability",
    "duplicates_in_truth",
    "unlabelled",
    "wrong_labels",
]


def box(image, category, corner, side=20, **more):
    return {
        "image_id": image,
        "category_id": category,
        "bbox": [corner, corner, side, side],
        **more,
    }


@pytest.fixture
def given():
    """A truth with one object twice, and detections of a thing without label and of a wrong one."""
    objects = [(1, 1, 5), (1, 1, 5), (2, 2, 30)]
    truth = {
        "images": [
            {"id": n, "file_name": f"{n}.png", "width": 99, "height": 99} for n in (1, 2, 3)
        ],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "annotations": [
            box(*one, id=number, area=400) for number, one in enumerate(objects, start=1)
        ],
    }
    found = [
        box(1, 1, 5, score=0.75),
        box(3, 2, 60, score=0.875),  # touches nothing
        box(2, 1, 30, score=0.625),  # the dog, as a cat
    ]
    return truth, found


def errors_of(truth, found, **options):
    """Return the errors as JSON has them."""
    scores = score("yolo_detect", truth, {"mine": found}, options={"errors": True, **options})
    (one,) = json.loads(json.dumps(scores.to_dict()))["found"]
    return one["errors"]


def test_candidates_for_errors_of_the_truth(given):
    errors = errors_of(*given)
    assert list(errors) == NAMES  # without slices=, no slices
    (twice,) = errors["duplicates_in_truth"]
    assert twice == {
        "image": 1,
        "class": "cat",
        "box": [5, 5, 20, 20],
        "other_box": [5, 5, 20, 20],
        "iou": 1,
    }
    (bare,) = errors["unlabelled"]
    assert bare == {"image": 3, "class": "dog", "confidence": 0.875, "box": [60, 60, 20, 20]}
    (wrong,) = errors["wrong_labels"]
    assert (wrong["image"], wrong["class"], wrong["labelled"]) == (2, "cat", "dog")


def test_a_sound_truth_has_none(given):
    truth, found = given
    truth["annotations"] = truth["annotations"][1:2]
    errors = errors_of(truth, found[:1])
    assert errors["duplicates_in_truth"] == errors["unlabelled"] == errors["wrong_labels"] == []


def test_slices_and_groups(given, tmp_path):
    (tmp_path / "slices.csv").write_text("image,light\n1,day\n2,night\n3,night\n")
    errors = errors_of(*given, slices=tmp_path / "slices.csv")
    day, night = errors["slices"]
    assert (day["column"], day["value"], day["images"]) == ("light", "day", 1)
    assert (night["value"], night["images"]) == ("night", 2)
    assert night["recall"] == 0
    assert day["recall"] == 0.5  # one of two equal objects
    (small,) = errors["recall_by_size"]
    assert (small["group"], small["objects"], small["found"]) == ("small", 3, 1)
    assert [row["group"] for row in errors["recall_by_crowding"]] == ["0", "1"]


@pytest.mark.parametrize(
    ("asked", "expected"), [({}, False), ({"errors": True}, True), ({"slices": "s.csv"}, True)]
)
def test_they_are_computed_where_asked_for(given, tmp_path, monkeypatch, asked, expected):
    monkeypatch.chdir(tmp_path)
    Path("s.csv").write_text("image,light\n1,day\n2,night\n3,night\n")
    truth, found = given
    scores = score("yolo_detect", truth, {"mine": found}, options=asked)
    assert ("errors" in scores.to_dict()["found"][0]) == expected


def test_the_page_has_the_same_rows(given):
    truth, found = given
    scores = score("yolo_detect", truth, {"mine": found}, options={"errors": True})
    tables = {table.name: table for table in scores.pages[0].tables()}
    for name, rows in scores.found[0].late()["errors"].items():
        assert [list(row.values()) for row in rows] == [list(row) for row in tables[name].rows]


def test_json_has_all_rows_where_the_page_has_a_hundred(given):
    truth, _ = given
    truth["images"] = [
        {"id": n, "file_name": f"{n}.png", "width": 99, "height": 99} for n in range(1, 131)
    ]
    found = [box(n, 1, 60, score=0.5 + n / 1000) for n in range(1, 131)]
    scores = score("yolo_detect", truth, {"mine": found}, options={"errors": True})
    assert len(scores.to_dict()["found"][0]["errors"]["unlabelled"]) == 130
    tables = {table.name: table for table in scores.pages[0].tables()}
    assert len(tables["unlabelled"].rows) == 100
