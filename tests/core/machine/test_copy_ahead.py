"""A copy computes the call where it can, this process where it cannot, and no copy stays behind."""

from __future__ import annotations

import gc
import os
import signal
import warnings

import pytest

from nntasks.machine import copy_ahead
from nntasks.machine.copy_ahead import Ahead

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

made_ready: list[str] = []


def prepare():
    made_ready.append("yes")


def ready_in(size):
    return os.getpid(), list(made_ready), b"x" * size


def warn():
    warnings.warn("said by the copy", UserWarning, stacklevel=1)
    return os.getpid()


def refuse():
    raise ValueError("no")


def die():
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(copy_ahead, "usable_cores", lambda: 2)


def test_the_copy_gets_ready_and_computes():
    copy = Ahead(prepare)
    copy.begin(ready_in, 1_000_000)
    process, ready, large = copy.result()
    assert process != os.getpid()
    assert ready == ["yes"]
    assert made_ready == []
    assert len(large) == 1_000_000
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_with_one_core_this_process_computes(monkeypatch):
    monkeypatch.setattr(copy_ahead, "usable_cores", lambda: 1)
    copy = Ahead(prepare)
    copy.begin(ready_in, 1)
    assert copy.result() == (os.getpid(), [], b"x")


def test_a_copy_that_cannot_get_ready_computes_all_the_same():
    copy = Ahead(refuse)
    copy.begin(ready_in, 1)
    assert copy.result()[0] != os.getpid()


def test_a_call_that_cannot_be_sent_is_computed_here():
    copy = Ahead(prepare)
    copy.begin(lambda: os.getpid())
    assert copy.result() == os.getpid()


def test_a_copy_that_was_killed_leaves_the_call_to_this_process():
    copy = Ahead(die)
    copy.begin(ready_in, 1)
    assert copy.result()[0] == os.getpid()


def test_errors_of_the_call_are_raised_here():
    copy = Ahead(prepare)
    copy.begin(refuse)
    with pytest.raises(ValueError, match="no"):
        copy.result()


def test_warnings_of_the_copy_are_heard():
    copy = Ahead(prepare)
    copy.begin(warn)
    with pytest.warns(UserWarning, match="said by the copy"):
        assert copy.result() != os.getpid()


def test_a_result_without_a_call_is_refused():
    with pytest.raises(RuntimeError, match="expected a call"):
        Ahead(prepare).result()


def test_a_copy_that_nobody_needs_any_more_ends():
    copy = Ahead(prepare)
    process = copy._copy._process
    del copy
    gc.collect()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
