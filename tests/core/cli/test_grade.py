"""The verb `grade`: words, exit codes, JSON and JUnit."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

RIGHT = """
def dice(predicted, truth):
    total = predicted.sum() + truth.sum()
    return 2 * (predicted & truth).sum() / total if total else 1.0
"""
WRONG = RIGHT.replace("2 *", "1 *")


@pytest.fixture
def homework(tmp_path):
    def write(code, name="homework.py"):
        (tmp_path / name).write_text(code)
        return tmp_path / name

    return write


def test_all_passed(cli_here, homework):
    done = cli_here("grade", homework(RIGHT), "--seed", "3")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        "dice (assignment 4): 2 of 2",
        "2 of 2 points; --seed 3 repeats the inputs",
    ]
    assert lines[2].startswith("network: ")


def test_some_failed_in_json_and_junit(cli_here, homework, tmp_path):
    xml = tmp_path / "grades.xml"
    done = cli_here("grade", homework(WRONG), "--json", "--junit", xml)
    assert done.returncode == 4
    found = json.loads(done.stdout)
    assert (found["points"], found["of"]) == (1, 2)
    (exercise,) = found["exercises"]
    (problem,) = [check["problem"] for check in exercise["checks"] if check["problem"]]
    assert problem.startswith("dice: the coefficient lacks the factor 2: expected ")
    root = ElementTree.parse(xml).getroot()
    (suite,) = root.findall("testsuite")
    assert suite.attrib == {"name": "dice", "tests": "2", "failures": "1"}
    assert [p.attrib["value"] for p in suite.iter("property")] == ["4", "1", "2"]
    assert [failure.attrib["message"] for failure in suite.iter("failure")] == [problem]


def test_an_assignment_counts_what_the_file_lacks(cli_here, homework):
    done = cli_here("grade", homework(RIGHT), "--assignment", "4")
    assert done.returncode == 4
    assert "  dice_loss: the file does not define it" in done.stdout
    assert "2 of 8 points" in done.stdout


@pytest.mark.parametrize(
    ("code", "words", "told"),
    [
        ("x = 1\n", (), "it defines none of the exercises"),
        (RIGHT, ("--assignment", "9"), "--assignment: expected one of 1, 2, 3, 4, 5, 5_2, got '9'"),
    ],
)
def test_unusable(cli_here, homework, code, words, told):
    done = cli_here("grade", homework(code), *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_no_file(cli_here):
    done = cli_here("grade")
    assert done.returncode == 2
    assert "expected a FILE to grade; nntasks grade --list shows the exercises" in done.stderr


def test_the_list_shows_signatures(cli_here):
    done = cli_here("grade", "--list", "--assignment", "3")
    assert done.returncode == 0
    assert "    nms(boxes, scores, threshold)\n" in done.stdout
    assert "Linear" not in done.stdout
