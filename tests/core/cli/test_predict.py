"""`nntasks predict`: sources and keys told apart, and what is printed of the output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nntasks.cli.predict import split_words
from nntasks.runner import prediction
from nntasks.runner.prediction import Written


@pytest.fixture
def written(monkeypatch):
    """Return the calls of the runner, which reads nothing."""
    calls = []
    result = Written([{"label": "cat"}], [Path("a.jpg"), Path("two\nlines.jpg")], 2)
    monkeypatch.setattr(
        prediction, "open_model", lambda *given: calls.append(given) or ("task", "model")
    )
    monkeypatch.setattr(prediction, "predict", lambda *given: calls.append(given) or result)
    return calls


def test_what_is_passed_on(written, cli_here):
    words = ("photos", "more.png", "confidence=0.4", "--out", "here", "--weights", "w")
    assert cli_here("predict", "toy", *words).returncode == 0
    assert written == [
        ("toy", Path("w"), [{"confidence": "0.4"}]),
        ("task", "model", ["photos", "more.png"], Path("here")),
    ]


def test_a_file_is_one_line_whatever_its_name(written, cli_here):
    done = cli_here("predict", "toy", "a")
    assert done.stdout == "1 record from 2 files\na.jpg\ntwo\\nlines.jpg\n"


def test_json(written, cli_here):
    found = json.loads(cli_here("predict", "toy", "a", "--json").stdout)
    assert found == {"records": [{"label": "cat"}], "files": ["a.jpg", "two\nlines.jpg"]}


@pytest.mark.parametrize(
    ("word", "is_key"),
    [
        ("confidence=0.4", True),
        ("data.size=64", True),
        ("label=", True),
        ("photo.jpg", False),
        ("2026=photo.jpg", False),  # no key begins with a digit
        ("a folder/x=1.jpg", False),
        ("=x", False),
    ],
)
def test_keys_are_names_with_an_equals_sign(word, is_key):
    sources, keys = split_words((word,))
    assert (bool(keys), bool(sources)) == (is_key, not is_key)


def test_a_file_that_is_there_is_no_key(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("iou=0.5").touch()
    assert split_words(("iou=0.5", "iou=0.6")) == (["iou=0.5"], {"iou": "0.6"})
