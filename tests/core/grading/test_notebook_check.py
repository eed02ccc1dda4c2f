"""`check` in a notebook: the same lines, and something to go on with."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.grading import check
from nntasks.plugins.course.answers.segmentation import dice


def test_a_right_function_is_given_back(capsys):
    assert check(dice) is dice
    assert capsys.readouterr().out == "dice: 2 of 2 points\n"


def test_a_wrong_one_is_replaced_by_the_reference(capsys):
    def wrong(predicted, truth):
        return 0.5

    assert check(wrong, "dice") is dice
    first, *problems, last = capsys.readouterr().out.splitlines()
    assert first == "dice: 0 of 2 points"
    assert len(problems) == 2
    assert last == "  The notebook goes on with the reference of dice."


def test_what_is_no_exercise():
    with pytest.raises(UsageError, match=r"unknown exercise 'dize'\. Did you mean 'dice'"):
        check(dice, "dize")
    with pytest.raises(UsageError, match="expected a function or a class, got int"):
        check(3)
