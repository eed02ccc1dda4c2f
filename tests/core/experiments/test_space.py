"""Search spaces: ranges and choices as they are typed, and what is refused by its key."""

from __future__ import annotations

import pytest
from pydantic import Field

from nntasks.config import Integers, TaskConfig
from nntasks.errors import UsageError
from nntasks.experiments.space import Choice, Range, read_space


class Schema(TaskConfig):
    layers: Integers = Field((64, 10), description="units")
    width: int = Field(8, description="units")
    most: int | None = Field(None, description="most")
    lr: float = Field(0.1, description="rate")


def test_ranges_and_choices():
    words = ["lr=1e-4:1e-1:log", "width=2:32", "most=1:3", "model=a,b", "layers=4,10:8,10"]
    assert read_space(Schema.model_fields, words) == {
        "lr": Range(1e-4, 1e-1, log=True),
        "width": Range(2, 32, whole=True),
        "most": Range(1, 3, whole=True),
        "model": Choice(("a", "b")),
        "layers": Choice(("4,10", "8,10")),
    }


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("lr=1:0.1", "space lr: expected low:high or low:high:log"),
        ("lr=0:1:log", r"low:high:log \(low above 0\), got '0:1:log'"),
        ("lr=1:2:linear", "expected low:high"),
        ("width=1.5:3", "space width: expected whole numbers for this key"),
        (
            "model=a",
            "space model: expected a range such as 1e-4:1e-1:log, or different choices",
        ),
        ("model=a,a", "different choices"),
    ],
)
def test_what_is_refused(word, message):
    with pytest.raises(UsageError, match=message):
        read_space(Schema.model_fields, [word])


def test_a_range_of_whole_numbers_may_be_written_with_a_fraction_of_zero():
    assert read_space(Schema.model_fields, ["width=2.0:4e1"]) == {"width": Range(2, 40, whole=True)}


def test_quotation_marks_keep_a_choice_together():
    assert read_space({}, ['name="a,b",c'])["name"] == Choice(("a,b", "c"))


@pytest.mark.parametrize("word", ["lr=nan:1", "lr=1:1", "lr=1:2:log:log", "lr=:", "lr=-1:1:log"])
def test_ends_that_are_no_range(word):
    with pytest.raises(UsageError, match="space lr: expected low:high or low:high:log"):
        read_space(Schema.model_fields, [word])


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (Range(1e-4, 0.1, log=True), "0.0001 to 0.1 (log)"),
        (Range(2, 32, whole=True), "2 to 32"),
        (Choice(("a", "b")), "a, b"),
        (Choice(("4,10", "8")), "4,10; 8"),
    ],
)
def test_how_a_space_reads(values, text):
    assert str(values) == text
