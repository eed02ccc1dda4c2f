"""A student's code in its process: hangs, crashes, memory, network, files, and one on another."""

from __future__ import annotations

import os

import pytest

from nntasks.errors import UsageError
from nntasks.grading.grades import grade_file
from nntasks.grading.limits import CLOSED, REFUSED, Limits

HOSTILE = """
import os, socket, sys
import numpy as np

print("noise on standard output")
sys.stderr.write("and on the other")

def dice(predicted, truth):  # hangs
    while True:
        pass

def mask_iou(predicted, truth):  # crashes
    os.kill(os.getpid(), 11)

def procrustes(source, target):  # takes all memory
    return np.ones(2**33)

def noise_distribution(counts):  # calls home
    socket.create_connection(("192.0.2.1", 80), timeout=5)

def weat_effect(x, y, a, b):  # leaves
    raise SystemExit(3)

def analogy(vectors, a, b, c):  # fills the disk
    with open("big", "wb") as file:
        file.write(bytes(2**27))

def precision_recall(hits, truths):  # right
    found = np.cumsum(hits)
    return found / np.arange(1, len(hits) + 1), found / truths
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    file = tmp_path_factory.mktemp("hostile") / "homework.py"
    file.write_text(HOSTILE)
    grades = grade_file(file, Limits(seconds=2.0, memory=1.0), seed=1)
    return grades, {grade.name: grade for grade in grades.grades}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("dice", "dice: values: takes longer than 2 s"),
        ("mask_iou", "mask_iou: values: the process ended with SIGSEGV"),
        ("procrustes", "procrustes: needs more memory than is allowed"),
        ("noise_distribution", "noise_distribution: raises PermissionError: network access is"),
        ("weat_effect", "weat_effect: raises SystemExit: 3"),
    ],
)
def test_each_accident_is_one_line_and_ends_no_other(hostile, name, line):
    assert hostile[1][name].problems[0].startswith(line)
    assert hostile[1][name].points == 0


def test_a_file_that_grows_too_large_ends_its_exercise(hostile):
    (first, *_) = hostile[1]["analogy"].problems
    assert "SIGXFSZ" in first or "OSError" in first


def test_the_right_one_beside_them_has_its_points(hostile):
    assert (hostile[1]["precision_recall"].points, hostile[1]["precision_recall"].most) == (2, 2)


def test_it_says_how_the_network_was_closed(hostile):
    assert hostile[0].network in (CLOSED, REFUSED)


def test_nothing_is_left_in_the_folder_of_the_caller(hostile):
    assert not os.path.exists("big")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise ValueError('no')", "it cannot be run: ValueError: no (line 3)"),
        ("while True: pass", "it cannot be run: running it takes longer than 1 s"),
        ("raise SystemExit", "it cannot be run: SystemExit"),
    ],
)
def test_a_script_that_cannot_be_run_is_unusable(tmp_path, code, told):
    file = tmp_path / "a.py"
    file.write_text(f"def dice(a, b): ...\n\n{code}\n")
    with pytest.raises(UsageError) as error:
        grade_file(file, Limits(seconds=1.0), seed=1)
    assert str(error.value).startswith(f"{file}: {told}")


def test_modules_beside_the_file_can_be_imported(tmp_path):
    (tmp_path / "my_masks.py").write_text("def both(a, b):\n    return (a & b).sum()\n")
    file = tmp_path / "a.py"
    file.write_text(
        "from my_masks import both\n\n"
        "def dice(a, b):\n"
        "    total = a.sum() + b.sum()\n"
        "    return 2 * both(a, b) / total if total else 1.0\n"
    )
    grades = grade_file(file, Limits(), seed=1)
    assert (grades.points, grades.most) == (2, 2)
