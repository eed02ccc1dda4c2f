"""The table that leads from one program's number to another's."""

from __future__ import annotations

import pytest
from detection_oracle import hard_data
from problems_of_scores import example

from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.scoring.why import why_table


@pytest.mark.parametrize("end", ["ultralytics", "voc_2007"])
def test_changes_add_up_from_one_number_to_the_other(end):
    case = example(*hard_data(2))
    table = why_table("mine", case, "pycocotools", end)
    first, *steps, last = table.rows
    numbers = {name: PROGRAMS[name].compute(case) for name in ("pycocotools", end)}
    assert first[0] == "pycocotools"
    assert first[1] == pytest.approx(numbers["pycocotools"]["map50"])
    assert first[2] is first[4] is None
    assert last[0] == f"{end}: in all"
    assert last[1] == pytest.approx(numbers[end]["map50"])
    for value, change in ((1, 2), (3, 4)):
        assert sum(step[change] for step in steps) == pytest.approx(last[change])
        assert first[value] + last[change] == pytest.approx(last[value])
    assert len(steps) > 1
    assert table.name == f"why_pycocotools_{end}"
    assert table.title == f"mine: why {end} differs from pycocotools"


def test_a_program_does_not_differ_from_itself():
    first, last = why_table("mine", example(), "voc_2010", "voc_2010").rows
    assert first[1] == last[1] == 0.25
    assert last[2] == last[4] == 0
