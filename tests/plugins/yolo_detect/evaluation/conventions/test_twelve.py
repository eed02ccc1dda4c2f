"""COCO's numbers by rules alone equal those of the table of matches."""

from __future__ import annotations

import pytest
from detection_oracle import hard_data, reference
from problems import ours, problem_of

from nntasks.plugins.yolo_detect.evaluation.conventions.pycocotools import RULES
from nntasks.plugins.yolo_detect.evaluation.conventions.twelve import twelve


@pytest.mark.parametrize("seed", range(4, 10))
def test_the_program_on_hard_data(seed):
    dataset, results = hard_data(seed)
    numbers = ours(twelve(problem_of(dataset, results), RULES))
    theirs = reference(dataset, results).stats
    assert list(numbers.values()) == pytest.approx(list(theirs), abs=1e-12, rel=0)
