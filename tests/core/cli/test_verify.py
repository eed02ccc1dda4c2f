"""`nntasks verify`: its words, the verdict in one line, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from nntasks import verification
from nntasks.cli import launch
from nntasks.verification import Stretch


@pytest.fixture
def called(monkeypatch):
    """Return the calls of the verification; `called.passed` is what it finds."""
    calls = SimpleNamespace(given=[], passed=True)

    def found(*given, say=None, quiet=None, **named):
        say("computing again")
        calls.given.append((*given, named, quiet))
        return SimpleNamespace(
            passed=calls.passed,
            verdict=lambda: "the same" if calls.passed else "different: a",
            to_dict=lambda: {"passed": calls.passed},
        )

    monkeypatch.setattr(verification, "verify", found)
    monkeypatch.setattr(verification, "replay_accident", found)
    monkeypatch.setattr(verification, "processes", lambda run: 1)
    return calls


@pytest.mark.parametrize(
    ("words", "stretch"),
    [
        ((), None),
        (("--replay",), Stretch()),
        (("--replay", "--steps", "5"), Stretch(5)),
        (("--replay", "--steps", "5", "--from", "0"), Stretch(5, 0)),
    ],
)
def test_what_is_repeated(called, cli_here, words, stretch):
    done = cli_here("verify", "run", *words, "--within", "0.5")
    assert (done.returncode, done.stdout, done.stderr) == (0, "the same\n", "computing again\n")
    assert called.given == [(Path("run"), {"stretch": stretch, "tolerance": 0.5}, False)]


def test_a_difference_has_exit_code_4(called, cli_here):
    called.passed = False
    done = cli_here("verify", "run")
    assert (done.returncode, done.stdout) == (4, "different: a\n")


def test_json_prints_nothing_else(called, cli_here):
    done = cli_here("verify", "run", "--json")
    assert (json.loads(done.stdout), done.stderr) == ({"passed": True}, "")
    assert called.given[0][-1] is True


def test_an_accident_chooses_its_steps(called, cli_here):
    assert cli_here("verify", "run", "--accident").returncode == 0
    assert called.given == [(Path("run"), {}, False)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--accident", "--replay"), "--accident chooses the steps itself"),
        (("--accident", "--from", "0"), "--accident chooses the steps itself"),
        (("--steps", "5"), "--steps: expected --replay, too"),
        (("--replay", "--from", "0"), "--from: expected --replay --steps N, too"),
        (("--replay", "--steps", "0"), "0"),
    ],
)
def test_words_that_do_not_fit_together(called, cli_here, words, message):
    done = cli_here("verify", "run", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert called.given == []


def test_a_run_of_several_processes_is_repeated_by_as_many(called, cli_here, monkeypatch):
    launched = []
    monkeypatch.setattr(verification, "processes", lambda run: 3)
    monkeypatch.setattr(launch, "launch", lambda count, *given: launched.append(count) or 0)
    assert cli_here("verify", "run", "--replay").returncode == 0
    assert (launched, called.given) == ([3], [])
    cli_here("verify", "run")  # numbers alone need no other process
    assert len(called.given) == 1
