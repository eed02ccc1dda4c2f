"""Ultralytics' numbers against its figures, and the rules that set it apart, by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import ROOT
from detection_oracle import coco_dataset, coco_results
from problems import problem_of
from score_problems import PROBLEMS, problem

from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import rank
from nntasks.plugins.yolo_detect.evaluation.conventions.ultralytics import (
    RULES,
    ultralytics,
    yolov5,
)

# The figures come from a processor without AVX-512: only there are equal scores in their order.
WITHOUT_AVX512 = (  # by the names of NumPy 2.4 and of earlier releases
    "X86_V4 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"
)
CPU = Path("/proc/cpuinfo")
HAS_AVX2 = CPU.is_file() and "avx2" in CPU.read_text()
CODE = """
import json, sys
sys.path[:0] = sys.argv[1:3]
from pathlib import Path
from problems import problem_of
from score_problems import PROBLEMS, problem
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import rank
from nntasks.plugins.yolo_detect.evaluation.conventions.ultralytics import RULES, ultralytics
found = {}
for name in PROBLEMS:
    case = problem_of(*problem(Path(sys.argv[3]), name)[:2])
    precision = rank(case, RULES).average_precision(RULES.average)[0].tolist()
    found[name] = [ultralytics(case), dict(zip(case.class_names, precision))]
print(json.dumps(found))
"""


def without_classes(figures):
    return {key: value for key, value in figures.items() if key != "per_class_ap50"}


@pytest.mark.parametrize("name", [name for name in PROBLEMS if name != "ties"])
def test_the_figures_of_the_program(real_data, name):
    dataset, results, figures = problem(real_data, name)
    numbers = ultralytics(problem_of(dataset, results))
    assert numbers == pytest.approx(without_classes(figures["ultralytics_300"]), abs=1e-4, rel=0)


@pytest.mark.skipif(not HAS_AVX2, reason="the figures come from a processor with AVX2")
def test_every_figure_where_equal_scores_are_in_the_order_of_the_figures(real_data):
    problem(real_data, "ties")  # skips without the figures
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE, ROOT / "tests", here, real_data],
        env=os.environ | {"NPY_DISABLE_CPU_FEATURES": WITHOUT_AVX512},
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    for name, (numbers, classes) in json.loads(done.stdout).items():
        figures = problem(real_data, name)[2]["ultralytics_300"]
        assert numbers == pytest.approx(without_classes(figures), abs=1e-4, rel=0), name
        per_class = {key: classes[key] for key in figures["per_class_ap50"]}
        assert per_class == pytest.approx(figures["per_class_ap50"], abs=1e-4, rel=0), name


def grid(count):
    """`count` boxes of 10 x 10 pixels that do not touch, as rows of COCO data."""
    boxes = [[20.0 * (i % 20), 20.0 * (i // 20), 10.0, 10.0] for i in range(count)]
    dataset = coco_dataset([1], [1], [(1, 1, box, False, 100.0) for box in boxes])
    return dataset, coco_results([(1, 1, box, 0.9) for box in boxes])


def test_three_hundred_objects_of_one_picture_can_all_be_found():
    case = problem_of(*grid(300))
    assert ultralytics(case)["map50"] == pytest.approx(0.995)
    assert yolov5(case)["map50"] == pytest.approx(0.995)
    assert ultralytics(case)["recall"] == pytest.approx(1)


def test_the_limit_is_per_picture_over_all_classes():
    dataset, results = grid(400)
    case = problem_of(dataset, results)
    assert len(rank(case, RULES).label) == 300


def test_precision_ends_with_the_highest_recall():
    dataset, results = grid(2)
    case = problem_of(dataset, results[:1])
    # Precision is 1 up to recall 1/2, then 0: half of the levels, the step has no width.
    assert ultralytics(case)["map50"] == pytest.approx(0.495)
    assert yolov5(case)["map50"] == pytest.approx(0.75, abs=0.01)  # a line down to (1, 0)


def test_a_detection_whose_best_object_is_taken_gets_the_next_or_is_wrong():
    dataset = coco_dataset(
        [1], [1], [(1, 1, [0, 0, 100, 100], False, 1e4), (1, 1, [20, 0, 100, 100], False, 1e4)]
    )
    results = coco_results([(1, 1, [0, 0, 100, 100], 0.9), (1, 1, [5, 0, 100, 100], 0.8)])
    case = problem_of(dataset, results)
    assert ultralytics(case)["recall"] == pytest.approx(1)
    assert yolov5(case)["recall"] == pytest.approx(0.5)


def test_without_objects_nothing_is_defined():
    dataset = coco_dataset([1], [1], [])
    numbers = ultralytics(problem_of(dataset, coco_results([(1, 1, [0, 0, 5, 5], 0.5)])))
    assert np.isnan(list(numbers.values())).all()


def test_a_class_without_detections_counts_as_zero():
    dataset = coco_dataset(
        [1], [1, 2], [(1, 1, [0, 0, 9, 9], False, 81.0), (1, 2, [0, 0, 9, 9], False, 81.0)]
    )
    numbers = ultralytics(problem_of(dataset, coco_results([(1, 1, [0, 0, 9, 9], 0.5)])))
    assert numbers["map50"] == pytest.approx(0.995 / 2)
    assert numbers["recall"] == pytest.approx(0.5)
