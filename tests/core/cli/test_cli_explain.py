"""`nntasks explain`: one source, and the words of the explanation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nntasks.runner import prediction


class Explained:
    def __str__(self):
        return "because"

    def to_dict(self):
        return {"loss": 0.5}


@pytest.fixture
def called(monkeypatch):
    calls = []
    monkeypatch.setattr(prediction, "explain", lambda *given: calls.append(given) or Explained())
    return calls


def test_source_and_keys(called, cli_here):
    done = cli_here("explain", "toy", "photo.jpg", "label=cat", "--weights", "w")
    assert (done.returncode, done.stdout) == (0, "because\n")
    assert called == [("toy", Path("w"), "photo.jpg", {"label": "cat"})]


def test_json(called, cli_here):
    assert json.loads(cli_here("explain", "run", "photo.jpg", "--json").stdout) == {"loss": 0.5}


@pytest.mark.parametrize(
    ("words", "message"),
    [(("a.jpg", "b.jpg"), "expected one SOURCE, got 2: a.jpg, b.jpg"), (("k=v",), "got 0: none")],
)
def test_one_source_is_explained(called, cli_here, words, message):
    done = cli_here("explain", "run", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert called == []
