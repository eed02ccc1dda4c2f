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


@pytest.mark.parametrize("block", [garbage.importing, garbage.paused])
def test_it_is_off_meanwhile_and_on_afterwards(block) -> None:
    assert gc.isenabled()
    with block():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_on_again_after_an_error() -> None:
    with pytest.raises(ImportError), garbage.importing():
        raise ImportError("no such module")
    assert gc.isenabled()


def test_it_stays_off_for_those_who_had_it_off() -> None:
    gc.disable()
    try:
        with garbage.importing():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("last", "said"),
    [("", "collected\n"), ("garbage.own_process()", "")],
    ids=["of_another_program", "our_own"],
)
def test_the_end_of_a_process_collects_no_cycles(last: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CYCLE.format(last)], capture_output=True, text=True, check=True
    )
    assert done.stdout == said


@pytest.mark.parametrize(("first", "frozen"), [("", False), ("garbage.own_process()", True)])
def test_later_collections_pass_over_what_was_imported(first: str, frozen: bool) -> None:
    code = f"{first}\nwith garbage.importing():\n    pass\nprint(gc.get_freeze_count() > 0)"
    done = subprocess.run(
        [sys.executable, "-c", f"import gc\nfrom nntasks import garbage\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{frozen}\n"


def test_exit_handlers_run_as_ever() -> None:
    code = "garbage.own_process()\natexit.register(print, 'handled')"
    done = subprocess.run(
        [sys.executable, "-c", CYCLE.format(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "handled\n"
