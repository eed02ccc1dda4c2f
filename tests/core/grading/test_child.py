"""The process of a student's code: pieces in one namespace, an answer a line."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from command_line import ROOT, cli_environment

from nntasks.grading import child


def pieces(*codes):
    return [{"label": f"cell {number}", "code": code} for number, code in enumerate(codes, 1)]


def test_pieces_share_a_namespace():
    space, problem = child._run(pieces("a = 2", "def double():\n    return 2 * a"))
    assert (space["double"](), problem) == (4, "")


def test_a_notebook_goes_on_after_an_error():
    space, problem = child._run(pieces("raise SystemExit", "1 / 0", "def f(): ..."))
    assert "f" in space
    assert problem == ""


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("a = 1\nraise ValueError('no\\n  more')", "ValueError: no more (line 2)"),
        ("def f():\n    return g\nf()", "NameError: name 'g' is not defined (line 2)"),
        ("raise SystemExit", "SystemExit: "),
        ("def f(:", "SyntaxError"),
    ],
)
def test_a_script_stops_at_its_first_error(code, line):
    _, problem = child._run(pieces(code))
    assert problem.startswith(line)
    assert "\n" not in problem


def test_code_does_not_take_itself_for_the_main_program():
    space, _ = child._run(pieces("ran = __name__ == '__main__'"))
    assert space["ran"] is False


EXERCISES = """
from nntasks.interfaces.exercises import Check, Exercise

class Two(Exercise):
    def checks(self):
        yield Check("calls", lambda student, rng: student())
        yield Check("value", lambda student, rng: None)
"""
STUDENT = """
import os
print("on standard output")
def right(): ...
def crashes(): os.kill(os.getpid(), 9)
def hangs():
    while True: pass
"""


def served(folder, code, seconds=5.0, **exercises):
    """Return the answers of the process to a request."""
    (folder / "my_exercises.py").write_text(EXERCISES)
    reading, writing = os.pipe()
    request = {
        "pieces": pieces(code),
        "folder": str(folder),
        "exercises": exercises,
        "limits": {"seconds": seconds, "memory": 1.0},
        "seed": 1,
        "answers": writing,
    }
    subprocess.run(
        [sys.executable, "-c", "from nntasks.grading.child import main; main()"],
        input=json.dumps(request).encode(),
        env=cli_environment((folder,)),
        cwd=ROOT,
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        timeout=120,
        check=True,
    )
    os.close(writing)
    with os.fdopen(reading) as answers:
        return [json.loads(line) for line in answers]


def test_one_exercise_that_ends_its_process_ends_no_other(tmp_path):
    names = dict.fromkeys(("crashes", "hangs", "missing", "right"), "my_exercises:Two")
    first, *rest = served(tmp_path, STUDENT, seconds=0.5, **names)
    assert first["problem"] == ""
    begun = [one["exercise"] for one in rest if "checks" in one]
    assert begun == ["crashes", "hangs", "right"]
    assert all(one["checks"] == ["calls", "value"] for one in rest if "checks" in one)
    ended = {one["exercise"]: one["ended"] for one in rest if "ended" in one}
    assert ended == {"crashes": "SIGKILL", "hangs": "takes longer than 0.5 s"}
    verdicts = [one["verdict"] for one in rest if "verdict" in one]
    assert [one["check"] for one in verdicts] == ["calls", "value"]
    assert not any(one["problem"] for one in verdicts)


def test_a_file_that_cannot_be_run_is_not_examined(tmp_path):
    answers = served(tmp_path, "1 / 0", right="my_exercises:Two")
    assert [one["problem"] for one in answers] == ["ZeroDivisionError: division by zero (line 1)"]
