"""YOLO text of a detector, line by line."""

from __future__ import annotations

import pytest

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.scored_labels import read_scored
from nntasks.plugins.yolo_detect.data.yolo_lines import LineFormat

TWO = LineFormat(2, ("cat", "dog"))
SIX = "expected 6 numbers (class cx cy w h confidence), got "


def test_lines_are_kept_in_order_repeats_included(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(
        "# class cx cy w h confidence\n1 .5 .5 .25 .5 0.75\r\n\n0 0.5 0.5 0.1 0.2 1 # sure\n"
        "0 0.5 0.5 0.1 0.2 1\n"
    )
    faults = Faults()
    cat = (0, 1.0, (0.5, 0.5, 0.1, 0.2))
    assert list(read_scored(path, TWO, faults)) == [(1, 0.75, (0.5, 0.5, 0.25, 0.5)), cat, cat]
    assert faults.count == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "0 0.5 0.5 0.1 0.2",
            SIX + "5; a detection needs its confidence",
        ),
        ("0 0.5 0.5", SIX + "3"),
        ("0 .5 .5 .1 .2 1.5", "expected a confidence in 0..1 as sixth number, got 1.5"),
        ("0 .5 .5 .1 .2 sure", "expected a confidence in 0..1 as sixth number, got sure"),
        ("0 .5 .5 .1 .2 nan", "expected a confidence in 0..1 as sixth number, got nan"),
        ("2 .5 .5 .1 .2 1", "class 2 is out of range: there are 2 classes, 0 to 1"),
    ],
)
def test_faulty_lines_are_named_and_the_others_read(tmp_path, line, said):
    path = tmp_path / "a.txt"
    path.write_text(f"1 .5 .5 .1 .2 0\n\n{line}\n1 .5 .5 .1 .2 1\n")
    faults = Faults()
    assert [score for _, score, _ in read_scored(path, TWO, faults)] == [0, 1]
    with pytest.raises(UsageError) as error:
        faults.refuse()
    assert str(error.value) == f"{path}, line 3: {said}"


def test_an_empty_file_has_no_detections(tmp_path):
    (tmp_path / "a.txt").write_text("")
    assert list(read_scored(tmp_path / "a.txt", TWO, Faults())) == []
