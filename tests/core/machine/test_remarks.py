"""Warnings and log messages of a copy of a process, said again by the process itself."""

from __future__ import annotations

import logging
import pickle
import warnings

import pytest

from nntasks.machine.remarks import Remarks, say_again


@pytest.fixture
def remarks(monkeypatch):
    """Let this process be the copy that listens."""
    monkeypatch.setattr(logging.root, "handlers", list(logging.root.handlers))
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    found = Remarks()
    found.listen()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = found._keep_warning
        yield found


def spoken(remarks):
    warnings.warn("twice", UserWarning)
    logging.getLogger("a.b").warning("lost %s of %d", object.__name__, 3)
    return remarks.taken()


def test_what_is_kept_travels_between_processes_in_its_order(remarks):
    warned, logged = pickle.loads(pickle.dumps(spoken(remarks)))
    assert warned[:2] == ("twice", UserWarning)
    assert logged.getMessage() == "lost object of 3"
    assert remarks.taken() == []  # it is forgotten


def test_they_are_said_again(remarks, monkeypatch):
    kept = spoken(remarks)
    heard = []
    monkeypatch.setattr(logging.getLogger("a.b"), "handle", heard.append)
    with pytest.warns(UserWarning, match="^twice$") as told:
        say_again(kept)
    assert told[0].filename == __file__
    assert [record.getMessage() for record in heard] == ["lost object of 3"]


def test_a_warning_of_several_copies_is_said_once():
    remark = ("again", UserWarning, "file.py", 7)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        say_again([remark, remark, ("again", UserWarning, "file.py", 8)])
    assert [one.lineno for one in told] == [7, 8]


def test_levels_are_those_of_the_process_that_says_them(caplog):
    quiet, loud = (
        logging.LogRecord("c", level, "f", 1, "a message", None, None)
        for level in (logging.DEBUG, logging.ERROR)
    )
    say_again([quiet, loud])
    assert [record.levelname for record in caplog.records if record.name == "c"][-1] == "ERROR"
