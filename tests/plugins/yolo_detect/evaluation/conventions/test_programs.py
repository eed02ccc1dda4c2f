"""Every program on one example whose numbers follow from its definition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from detection_oracle import OBJECTS, ROWS, coco_dataset, coco_results, hard_data
from problems import problem_of

from nntasks.plugins.yolo_detect.evaluation.coco import mean
from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import rank

# Class 1: precision 1 up to recall 1/2, then nothing; class 2: nothing.
MAP50 = {
    "pycocotools": 51 / 101 / 2,
    "torchmetrics": 51 / 101 / 2,
    "voc_2007": 6 / 11 / 2,
    "voc_2010": 1 / 4,
    "voc_all_points": 1 / 4,
}


def example():
    return problem_of(coco_dataset([1, 2, 3], [1, 2], OBJECTS), coco_results(ROWS))


@pytest.mark.parametrize("name", MAP50)
def test_an_example_by_hand(name):
    program = PROGRAMS[name]
    assert program.compute(example())[program.map50] == pytest.approx(MAP50[name])


def test_the_last_line_of_yolov5_goes_down_to_recall_one():
    """Ultralytics ends at recall 1/2, YOLOv5 goes on from precision 1/4 there: 1/16 more."""
    found = [PROGRAMS[name].compute(example())["map50"] for name in ("yolov5", "ultralytics")]
    assert found[0] - found[1] == pytest.approx(1 / 16 / 2, abs=0.003)


@pytest.mark.parametrize("name", PROGRAMS)
def test_numbers_follow_from_the_rules_and_have_the_stated_names(name):
    program, case = PROGRAMS[name], problem_of(*hard_data(3))
    precision = rank(case, program.rules).average_precision(program.rules.average)
    numbers = program.compute(case)
    assert numbers[program.map50] == pytest.approx(mean(precision[0]), abs=1e-12)
    assert (program.map50_95 in numbers) == bool(program.map50_95)
    if program.map50_95:
        assert numbers[program.map50_95] == pytest.approx(mean(precision), abs=1e-12)
    assert all(-1 <= value <= 1 for value in numbers.values() if not np.isnan(value))


@pytest.mark.parametrize("name", PROGRAMS)
def test_difficult_objects_count_only_where_the_definition_lets_them(name):
    program, case = PROGRAMS[name], example()
    hard = replace(case, difficult=np.ones(3, bool))
    value = program.compute(hard)[program.map50]
    heeded = name in ("voc_2007", "voc_2010")
    assert np.isnan(value) if heeded else value == program.compute(case)[program.map50]


def test_definitions_tell_programs_apart():
    said = [program.definition for program in PROGRAMS.values()]
    assert len(set(said)) == len(PROGRAMS)
    assert [line for line in said if line.endswith(".") or "\n" in line] == []
