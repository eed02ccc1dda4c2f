"""`--nproc`: no more processes than memory holds, and the words of the caller."""

from __future__ import annotations

import sys

import pytest

from nntasks.cli import launch, main
from nntasks.errors import UsageError
from nntasks.machine import memory


def test_more_processes_than_memory_holds_are_refused_before_any_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 8 << 30)
    monkeypatch.setattr(launch, "elastic_launch", lambda *_: pytest.fail("it was started"))
    with pytest.raises(UsageError, match=r"--nproc 99999 needs 19,531.1 GiB of memory, and 8.0"):
        launch.launch(99_999, ["run", "numpy_mlp"], tmp_path)


def test_the_processes_get_the_words_of_the_call_and_not_those_of_the_program(monkeypatch):
    started = []
    monkeypatch.setattr(launch, "launch", lambda *words: started.append(words) or 0)
    monkeypatch.setattr(sys, "argv", ["pytest", "-q", "tests"])
    words = ["run", "numpy_mlp", "data=xor", "--nproc", "2"]
    with pytest.raises(SystemExit) as end:
        main([*words, "--debug"])
    assert not end.value.code
    assert [(count, given) for count, given, _ in started] == [(2, words)]
