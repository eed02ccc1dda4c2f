"""How many threads compiled code works on: torch's number, or one for each core."""

from __future__ import annotations

import sys
from types import SimpleNamespace

from nntasks.machine import threads


def test_torch_says_it_where_it_is_loaded(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(get_num_threads=lambda: 3))
    assert threads.thread_count() == 3


def test_without_torch_there_is_one_for_each_core(monkeypatch):
    monkeypatch.setattr(threads, "usable_cores", lambda: 5)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert threads.thread_count() == 5
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())  # it is being imported
    assert threads.thread_count() == 5
