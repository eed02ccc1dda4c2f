"""`nntasks lr-find`: its span, and the suggestion in words or as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from nntasks.experiments import rate_search
from nntasks.experiments.rate_search import Span


@pytest.fixture
def called(monkeypatch):
    calls = []
    found = SimpleNamespace(steepest=0.1, below_minimum=0.02, rates=[0.1, 1.0], losses=[2.0, 3.0])
    search = SimpleNamespace(found=found, sentences=["try 0.1", "or 0.02"], report=Path("r.html"))
    monkeypatch.setattr(rate_search, "search_rate", lambda *given: calls.append(given) or search)
    return calls


def test_span_keys_and_command(called, cli_here, monkeypatch):
    monkeypatch.setattr("sys.argv", ["nntasks", "lr-find", "toy", "a b"])
    words = ("width=4", "--lowest", "1e-3", "--highest", "1", "--steps", "7", "--seed", "2")
    done = cli_here("lr-find", "toy", *words, "--out", "o")
    assert (done.returncode, done.stdout) == (0, "try 0.1\nor 0.02\nreport: r.html\n")
    keys = [{"width": "4", "seed": "2"}]
    assert called == [("toy", keys, Span(1e-3, 1, 7), Path("o"), "nntasks lr-find toy 'a b'")]


def test_json(called, cli_here):
    assert json.loads(cli_here("lr-find", "toy", "--json").stdout) == {
        "task": "toy",
        "suggestion": 0.1,
        "cautious": 0.02,
        "rates": [0.1, 1.0],
        "losses": [2.0, 3.0],
    }


@pytest.mark.parametrize("words", [("--steps", "few"), ("--lowest", "low"), ("lr",)])
def test_words_that_are_wrong(called, cli_here, words):
    done = cli_here("lr-find", "toy", *words)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert called == []
