"""Copies of the process give the same, in order, and none stays behind."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import warnings

import pytest

from nntasks.machine import forked


def square_and_process(number):
    return number * number, os.getpid()


def refuse(number):
    raise ValueError(f"not {number}")


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(forked, "usable_cores", lambda: 2)


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_results_come_in_order(monkeypatch, cores):
    monkeypatch.setattr(forked, "usable_cores", lambda: cores)
    found = forked.map_forked(square_and_process, list(range(20)))
    assert [square for square, _ in found] == [number * number for number in range(20)]
    copies = {process for _, process in found} - {os.getpid()}
    assert len(copies) == cores - 1
    for process in copies:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_nothing_is_computed_of_nothing(two_cores):
    assert forked.map_forked(square_and_process, []) == []


def test_functions_need_no_name_and_results_may_be_larger_than_a_pipe(two_cores):
    large = [b"x" * 1_000_000, b"y" * 1_000_000]
    assert forked.map_forked(lambda number: large[number], [0, 1]) == large


def test_whoever_is_free_takes_the_next_item(two_cores):
    def slow_first(number):
        time.sleep(0.3 if number == 0 else 0.001)
        return os.getpid()

    found = forked.map_forked(slow_first, list(range(12)))
    assert found[0] == os.getpid()
    assert found.count(os.getpid()) < 6


def test_many_items_are_shared_out_in_groups(two_cores):
    many = list(range(10_007))
    assert forked.map_forked(lambda number: number + 1, many) == [n + 1 for n in many]


def test_warnings_and_log_messages_of_a_copy_are_said_here(two_cores, caplog):
    def remark(number):
        warnings.warn(f"warning {number}", UserWarning, stacklevel=1)
        logging.getLogger("nntasks.data").warning("message %d", number)
        return os.getpid()

    with pytest.warns(UserWarning, match="warning") as warned:
        found = forked.map_forked(remark, [0, 1])
    assert found[1] != found[0] == os.getpid()
    assert sorted(str(one.message) for one in warned) == ["warning 0", "warning 1"]
    assert sorted(record.getMessage() for record in caplog.records) == ["message 0", "message 1"]


def test_a_warning_that_cannot_be_sent_costs_no_result(two_cores, caplog):
    class Local(UserWarning):
        pass

    def remark(number):
        if number:
            warnings.warn("local", Local, stacklevel=1)
            logging.getLogger("nntasks.data").warning("message")
        return number

    assert forked.map_forked(remark, [0, 1]) == [0, 1]
    assert [record.getMessage() for record in caplog.records] == ["message"]


def test_an_error_arrives(two_cores):
    with pytest.raises(ValueError, match=r"not [0-3]"):
        forked.map_forked(refuse, [0, 1, 2, 3])


def test_failed_gives_the_result_of_an_item_that_cannot_be_computed(two_cores):
    found = forked.map_forked(refuse, [0, 1], lambda item, error: f"{item}: {error}")
    assert found == ["0: not 0", "1: not 1"]


def only_in(process):
    """Return a function that works in this process alone, with a result that cannot be pickled."""

    def compute(number):
        if os.getpid() != process:
            raise RuntimeError("a device does not survive the fork")
        return threading.Lock()

    return compute


def test_what_a_copy_cannot_compute_is_computed_here(two_cores, capfd):
    assert len(forked.map_forked(only_in(os.getpid()), [0, 1, 2])) == 3
    assert len(forked.map_forked(lambda number: threading.Lock(), [0, 1, 2])) == 3
    assert capfd.readouterr() == ("", "")


def test_the_work_of_a_killed_copy_is_done_here(two_cores):
    parent = os.getpid()

    def die_in_a_copy(number):
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert forked.map_forked(die_in_a_copy, [5, 6, 7]) == [5, 6, 7]


def test_torch_has_one_thread_in_a_copy(two_cores):
    import torch

    assert forked.map_forked(lambda number: torch.get_num_threads(), [0, 1])[1] == 1


def test_without_processes_the_work_is_done_all_the_same(two_cores, monkeypatch):
    def none_left():
        raise OSError("no processes")

    monkeypatch.setattr(os, "fork", none_left)
    found = forked.map_forked(square_and_process, [1, 2])
    assert found == [(1, os.getpid()), (4, os.getpid())]


@pytest.mark.parametrize(
    ("asked", "expected"), [("1", 1), ("0", 1), ("10000", None), ("all", None), ("", None)]
)
def test_the_number_of_threads_asked_for_is_a_limit(monkeypatch, asked, expected):
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert forked.usable_cores() == (expected or len(os.sched_getaffinity(0)))
