"""The fuzz itself: every kind is read for some seeds, and a fault is noticed."""

from __future__ import annotations

import logging
import os
import warnings

import pytest
from fuzz import harness, reading

from nntasks.errors import UsageError

KINDS = reading.readers()


@pytest.fixture(autouse=True)
def as_found():
    """Put back what the harness sets for a process of its own."""
    ours = logging.getLogger("nntasks")
    kept = ours.handlers[:], ours.propagate
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nntasks.pictures.opening.free_memory", lambda: harness.MACHINE)
        ours.propagate = False
        yield
    ours.handlers[:], ours.propagate = kept


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_or_refused(kind):
    count = 25 if kind == "run folder" else 60
    _, became, faults = harness.fuzz((kind, count, 0))
    assert faults == []
    assert became.total() == count


def test_every_kind_has_its_share():
    assert sum(share for share, _ in KINDS.values()) == 10_000


def speak(*_):
    os.write(2, b"a library's word\n")
    return ""


def warn(*_):
    warnings.warn("a library's warning", stacklevel=1)
    return ""


def refuse(*_):
    raise UsageError("two\nlines")


def fail(*_):
    raise KeyError("task")


def hang(*_):
    harness._stop()


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (speak, "on the terminal: a library's word"),
        (warn, "on the terminal"),
        (refuse, "message two lines"),
        (fail, "KeyError: 'task'"),
        (hang, "_TooLong: more than"),
        (lambda *_: "boxes", "boxes"),
    ],
)
def test_a_fault_is_noticed(monkeypatch, read, words):
    monkeypatch.setattr(harness, "readers", lambda: {"x": (1, read)})
    _, _, faults = harness.fuzz(("x", 1, 7))
    assert len(faults) == 1
    assert faults[0].startswith("x, seed 7: ")
    assert words in faults[0]


def test_a_refusal_is_none(monkeypatch):
    def refuse_rightly(*_):
        raise UsageError("expected a, got b")

    monkeypatch.setattr(harness, "readers", lambda: {"x": (1, refuse_rightly)})
    name, became, faults = harness.fuzz(("x", 3, 0))
    assert (name, became["refused"], faults) == ("x", 3, [])
