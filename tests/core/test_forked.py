"""Copies of the process give the same, in order, and none stays behind."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from nntasks.machine import forked


def square_and_process(number):
    return number * number, os.getpid()


def refuse(number):
    raise ValueError(f"not {number}")


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(forked, "usable_cores", lambda: 2)


@pytest.mark.parametrize("cores", [1, 2])
def test_results_come_in_order(monkeypatch, cores):
    monkeypatch.setattr(forked, "usable_cores", lambda: cores)
    found = forked.map_forked(square_and_process, list(range(20)))
    assert [square for square, _ in found] == [number * number for number in range(20)]
    assert (os.getpid() in {process for _, process in found}) == (cores == 1)
    assert not multiprocessing.active_children()


def test_an_error_arrives(two_cores):
    with pytest.raises(ValueError, match=r"not [0-3]"):
        forked.map_forked(refuse, [0, 1, 2, 3])


def test_without_processes_the_work_is_done_all_the_same(two_cores, monkeypatch):
    def none_left(*arguments):
        raise OSError("no processes")

    monkeypatch.setattr(multiprocessing.get_context("fork"), "Pool", none_left)
    found = forked.map_forked(square_and_process, [1, 2])
    assert found == [(1, os.getpid()), (4, os.getpid())]


@pytest.mark.parametrize(
    ("asked", "expected"), [("1", 1), ("0", 1), ("10000", None), ("all", None), ("", None)]
)
def test_the_number_of_threads_asked_for_is_a_limit(monkeypatch, asked, expected):
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert forked.usable_cores() == (expected or len(os.sched_getaffinity(0)))
