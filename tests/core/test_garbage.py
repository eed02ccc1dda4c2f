"""The garbage collector rests during imports and at the end."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from nntasks import garbage

CYCLE = """
import atexit, gc
from nntasks import garbage

class Cycle:
    def __init__(self):
        self.own = self

    def __del__(self):
        print("collected")

cycle = Cycle()
{}
"""


def test_it_is_off_meanwhile_and_on_afterwards() -> None:
    assert gc.isenabled()
    with garbage.paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_on_again_after_an_error() -> None:
    with pytest.raises(ImportError), garbage.paused():
        raise ImportError("no such module")
    assert gc.isenabled()


def test_it_stays_off_for_those_who_had_it_off() -> None:
    gc.disable()
    try:
        with garbage.paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("last", "said"), [("", "collected\n"), ("garbage.skip_at_exit()", "")], ids=["as ever", "skip"]
)
def test_the_end_of_a_process_collects_no_cycles(last: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CYCLE.format(last)], capture_output=True, text=True, check=True
    )
    assert done.stdout == said


def test_exit_handlers_run_as_ever() -> None:
    code = "garbage.skip_at_exit()\natexit.register(print, 'handled')"
    done = subprocess.run(
        [sys.executable, "-c", CYCLE.format(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "handled\n"
