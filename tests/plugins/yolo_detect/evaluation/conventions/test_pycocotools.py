"""The twelve numbers against the figures of pycocotools and against the program."""

from __future__ import annotations

import pytest
from detection_oracle import hard_data, reference
from problems import ours, problem_of
from score_problems import PROBLEMS, problem

from nntasks.plugins.yolo_detect.evaluation.conventions.pycocotools import pycocotools
from nntasks.plugins.yolo_detect.evaluation.conventions.twelve import NAMES


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_figures_of_the_program(real_data, name):
    dataset, results, figures = problem(real_data, name)
    numbers = ours(pycocotools(problem_of(dataset, results)))
    assert tuple(numbers) == NAMES
    assert list(numbers.values()) == pytest.approx(figures["pycocotools"], abs=1e-12, rel=0)


@pytest.mark.parametrize("seed", range(4))
def test_the_program_on_hard_data(seed):
    dataset, results = hard_data(seed)
    numbers = ours(pycocotools(problem_of(dataset, results)))
    theirs = reference(dataset, results).stats
    assert list(numbers.values()) == pytest.approx(list(theirs), abs=1e-12, rel=0)
