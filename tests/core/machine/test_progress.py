"""Progress bars: where they are shown, and that they change nothing else."""

from __future__ import annotations

import io
from contextlib import redirect_stderr

import pytest

from nntasks.machine import notebook, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def xterm(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_shows_where_it_is(xterm):
    with redirect_stderr(Terminal()) as terminal, progress.bar("epoch 1/2", 4) as advance:
        advance(3, note="loss 0.5")
    text = terminal.getvalue()
    assert "epoch 1/2" in text
    assert "3/4" in text
    assert "loss 0.5" in text


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_nothing_is_shown_without_a_terminal_or_a_wish(xterm, stream):
    shown = stream is io.StringIO
    with redirect_stderr(stream()) as made, progress.bar("epoch", 4, show=shown) as advance:
        advance()
        advance(2, note="loss")
    assert made.getvalue() == ""


class Bar:
    made: list = []

    def __init__(self, what, total):
        self.calls = [(what, total)]
        self.made.append(self)

    def advance(self, *given, **named):
        self.calls.append((given, named))

    def close(self):
        self.calls.append("closed")


@pytest.fixture
def kernel(monkeypatch):
    monkeypatch.setattr(notebook, "is_running", lambda: True)
    monkeypatch.setattr(notebook, "Bar", Bar)
    monkeypatch.setattr(Bar, "made", [])


def test_a_notebook_has_a_bar_only_where_it_is_asked_for(kernel):
    with progress.bar("a", 1):
        pass
    with progress.in_notebooks(False), progress.bar("a", 1):
        pass
    assert Bar.made == []
    with progress.in_notebooks(), progress.bar("b", 2, show=False) as advance:
        advance(1, note="n")
    (shown,) = Bar.made
    assert shown.calls == [("b", 2), ((1,), {"note": "n"}), "closed"]
    with progress.bar("a", 1):
        pass
    assert len(Bar.made) == 1


def test_an_error_closes_the_bar_of_a_notebook(kernel):
    with (
        pytest.raises(ValueError, match="inside"),
        progress.in_notebooks(),
        progress.bar("b", 2),
    ):
        raise ValueError("inside")
    assert Bar.made[0].calls[-1] == "closed"


def test_a_program_is_no_notebook(monkeypatch, xterm):
    monkeypatch.setattr(notebook, "is_running", lambda: False)
    with (
        redirect_stderr(Terminal()) as terminal,
        progress.in_notebooks(),
        progress.bar("epoch", 4) as advance,
    ):
        advance(4)
    assert "4/4" in terminal.getvalue()
