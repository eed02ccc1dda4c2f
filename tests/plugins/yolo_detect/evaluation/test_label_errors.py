"""Candidates for errors in the truth."""

from __future__ import annotations

from detection_oracle import coco_dataset, coco_results, metric_of

from nntasks.plugins.yolo_detect.evaluation.label_errors import (
    duplicates,
    unlabelled,
    wrong_classes,
)

BOX, SAME, HALF = [100.0, 100, 40, 40], [101.0, 100, 40, 40], [100.0, 100, 40, 25]
FAR, NEAR_FAR = [300.0, 300, 40, 40], [305.0, 300, 40, 40]
NAMES = ["1", "2"]


def records_of(objects, rows=()):
    dataset = coco_dataset([7, 8], [1, 2], [(*row, 1600.0) for row in objects])
    metric = metric_of(dataset, coco_results(rows))
    return metric.records(), metric.errors()


def test_duplicates_are_of_one_class_and_image():
    records, _ = records_of(
        [
            (7, 1, BOX, False),
            (7, 1, SAME, False),
            (7, 2, BOX, False),  # another class
            (7, 1, HALF, False),  # too little overlap
            (8, 1, BOX, False),  # another image
            (8, 1, BOX, True),  # a crowd region
        ]
    )
    (row,) = duplicates(records, NAMES)
    assert (row["image"], row["class"]) == (7, "1")
    assert sorted([row["box"], row["other_box"]]) == [BOX, SAME]
    assert round(row["iou"], 4) == round(39 / 41, 4)


def test_three_of_a_kind_are_three_pairs_by_overlap():
    records, _ = records_of([(7, 1, BOX, False), (7, 1, SAME, False), (7, 1, BOX, False)])
    rows = duplicates(records, NAMES)
    assert len(rows) == 3
    assert rows[0]["iou"] == 1.0


def test_unlabelled_things_touch_nothing():
    records, _ = records_of(
        [(7, 1, BOX, False)],
        [
            (7, 1, HALF, 0.99),  # touches an object
            (7, 2, FAR, 0.8),
            (7, 2, NEAR_FAR, 0.9),  # the same thing, surer
            (7, 1, FAR, 0.7),  # another class: another candidate
            (8, 1, BOX, 0.6),
            (8, 1, FAR, 0.4),  # not sure enough
        ],
    )
    rows = unlabelled(records, NAMES)
    assert [(row["image"], row["class"], row["confidence"]) for row in rows] == [
        (7, "2", 0.9),
        (7, "1", 0.7),
        (8, "1", 0.6),
    ]
    assert rows[0]["box"] == NEAR_FAR


def test_things_in_crowd_regions_are_labelled():
    records, _ = records_of([(7, 1, [290.0, 290, 90, 90], True)], [(7, 2, FAR, 0.9)])
    assert unlabelled(records, NAMES) == []


def test_wrong_classes_by_confidence():
    records, errors = records_of(
        [(7, 1, BOX, False), (7, 2, FAR, False), (8, 1, BOX, False)],
        [(7, 2, BOX, 0.6), (7, 1, FAR, 0.9), (8, 2, BOX, 0.3)],
    )
    rows = wrong_classes(records, errors, NAMES)
    assert [(row["class"], row["labelled"], row["confidence"]) for row in rows] == [
        ("1", "2", 0.9),
        ("2", "1", 0.6),
    ]
    assert rows[0]["labelled_box"] == FAR


def test_nothing_to_find():
    records, errors = records_of([])
    assert duplicates(records, NAMES) == unlabelled(records, NAMES) == []
    assert wrong_classes(records, errors, NAMES) == []
