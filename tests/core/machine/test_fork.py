"""A fork holds signals back: they are handled after it, by the parent alone."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from nntasks.machine.fork import fork

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")


@pytest.fixture
def interrupted(monkeypatch):
    """Have SIGINT come while the process is copied."""
    plain = os.fork

    def disturbed():
        signal.raise_signal(signal.SIGINT)
        return plain()

    monkeypatch.setattr(os, "fork", disturbed)


def ended(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_the_copy_gets_0_and_the_parent_its_number():
    process = fork()
    if not process:
        os._exit(7)
    assert ended(process) == 7


def test_ctrl_c_comes_after_the_fork_and_in_the_parent_alone(interrupted):
    reading, writing = os.pipe()

    def copied():
        if not fork():
            os.write(writing, b"copied")
            os._exit(0)

    with pytest.raises(KeyboardInterrupt):
        copied()
    os.close(writing)
    with open(reading, "rb") as told:
        assert told.read() == b"copied"
    os.wait()


def test_the_handlers_are_those_of_before(interrupted):
    came = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    mine = signal.getsignal(signal.SIGINT)
    try:
        process = fork()
        if not process:
            os._exit(0)
        assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)
    assert came == [signal.SIGINT]
    assert ended(process) == 0


def test_a_system_that_forbids_it_gets_its_handlers_back(monkeypatch):
    def refused():
        raise OSError("no more processes")

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(os, "fork", refused)
    with pytest.raises(OSError, match="no more"):
        fork()
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_may_fork():
    found = []

    def work():
        process = fork()
        if not process:
            os._exit(3)
        found.append(ended(process))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [3]
