"""mAP by each convention on one example, by hand and against the programs."""

from __future__ import annotations

import numpy as np
import pytest
from detection_oracle import OBJECTS, ROWS, A, coco_dataset, coco_results, hard_data, metric_of

from nntasks.plugins.yolo_detect.evaluation.comparison import (
    CONVENTIONS,
    compare_conventions,
    weighted_conventions,
)
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS


def case_of(dataset, results):
    metric = metric_of(dataset, results)
    return Problem.of(metric.class_names, metric.records()), metric.coco()


def example():
    return case_of(coco_dataset([1, 2, 3], [1, 2], OBJECTS), coco_results(ROWS))


def test_an_example_by_hand():
    """Class 1 has precision 1 up to recall 1/2; class 2 has 0."""
    rows = {row.name: row for row in compare_conventions(*example())}
    assert [row.name for row in rows.values()] == [one.name for one in CONVENTIONS]
    assert rows["COCO (pycocotools)"].map50 == pytest.approx(51 / 101 / 2)
    assert rows["VOC 2007"].map50 == pytest.approx(6 / 11 / 2)
    assert rows["VOC 2010"].map50 == pytest.approx(1 / 2 / 2)
    assert rows["VOC 2010"].map50_95 == rows["VOC 2010"].map50  # the hit is exact


@pytest.mark.parametrize("seed", range(3))
def test_rows_are_what_the_programs_give_by_themselves(seed):
    case, coco = case_of(*hard_data(seed))
    for convention, row in zip(CONVENTIONS, compare_conventions(case, coco), strict=True):
        program = PROGRAMS[convention.program]
        numbers = program.compute(case)
        assert row.map50 == pytest.approx(numbers[program.map50], abs=1e-12)
        if program.map50_95:
            assert row.map50_95 == pytest.approx(numbers[program.map50_95], abs=1e-12)
        assert row.definition == program.definition


def test_weights_of_one_give_the_same_and_others_do_not():
    case, coco = example()
    weights = np.array([[1, 1, 1], [2, 1, 1], [0, 1, 0], [0, 0, 1]], np.uint8)
    found = weighted_conventions(case)(weights).numbers
    rows = compare_conventions(case, coco)
    for convention, row in zip(CONVENTIONS[1:], rows[1:], strict=True):
        assert found[f"map50_{convention.key}"][0] == pytest.approx(row.map50, abs=1e-12)
        assert found[f"map50_95_{convention.key}"][0] == pytest.approx(row.map50_95, abs=1e-12)
    assert found["map50_voc10"][1:3].tolist() == pytest.approx([2 / 3 / 2, 0])
    assert np.isnan(found["map50_voc10"][3])
    assert not {name for name in found if name.endswith("_coco")}


def test_programs_that_match_otherwise_share_no_ranking():
    """The second detection overlaps the object that is taken best, and another one well enough."""
    beside = [10.0, 0.0, 40.0, 40.0]
    objects = [(1, 1, box, False, 1600.0) for box in (A, beside)]
    rows = [(1, 1, A, 0.9), (1, 1, [1.0, 0.0, 40.0, 40.0], 0.8)]
    case, coco = case_of(coco_dataset([1], [1], objects), coco_results(rows))
    map50 = {row.name: row.map50 for row in compare_conventions(case, coco)}
    assert map50["Ultralytics"] == pytest.approx(0.995)
    assert map50["COCO (pycocotools)"] == pytest.approx(1)
    assert map50["YOLOv5"] < 0.7
    assert map50["VOC 2010"] == pytest.approx(1 / 2)
    weighted = weighted_conventions(case)(np.ones((1, 1), np.uint8)).numbers
    assert weighted["map50_ultralytics"][0] == pytest.approx(map50["Ultralytics"])
    assert weighted["map50_yolov5"][0] == pytest.approx(map50["YOLOv5"])


def test_without_objects_nothing_is_defined():
    case, coco = case_of(coco_dataset([1], [1, 2], []), coco_results(ROWS[:1]))
    assert all(np.isnan([row.map50, row.map50_95]).all() for row in compare_conventions(case, coco))
