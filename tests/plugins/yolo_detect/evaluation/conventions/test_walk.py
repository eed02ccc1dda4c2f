"""Differences of programs: their steps add up, and start and end are the programs' own numbers."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from detection_oracle import hard_data
from problems import problem_of

from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import AVERAGES, Rules
from nntasks.plugins.yolo_detect.evaluation.conventions.walk import walk


@pytest.mark.parametrize(("start", "end"), list(combinations(PROGRAMS, 2)))
def test_a_walk_leads_from_one_program_to_the_other(start, end):
    case = problem_of(*hard_data(1))
    steps = list(walk(case, PROGRAMS[start].rules, PROGRAMS[end].rules))
    for step, name in ((steps[0], start), (steps[-1], end)):
        program = PROGRAMS[name]
        numbers = program.compute(case)
        assert step.map50 == pytest.approx(numbers[program.map50], abs=1e-12)
        if program.map50_95:
            assert step.map50_95 == pytest.approx(numbers[program.map50_95], abs=1e-12)
    changes = sum(after.map50 - before.map50 for before, after in pairwise(steps))
    assert changes == pytest.approx(steps[-1].map50 - steps[0].map50, abs=1e-12)
    said = [step.what for step in steps[1:]]
    assert len(set(said)) == len(said)
    assert all(said)


def test_a_program_does_not_differ_from_itself():
    assert len(list(walk(problem_of(*hard_data(2)), Rules(), Rules()))) == 1


def test_every_average_has_a_name():
    case = problem_of(*hard_data(2))
    for average in set(AVERAGES) - {"coco"}:
        (_, step) = walk(case, Rules(), Rules(average=average))
        assert step.what.startswith("averaging: ")
