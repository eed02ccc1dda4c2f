"""`nntasks evaluate`: its words for whole runs, shards and merges, and those that do not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nntasks import runner
from nntasks.runner.result import RunResult

SUMMARY = {"task": "toy", "headline": ["accuracy"], "metrics": {"accuracy": 0.5, "f1": 0.25}}
DEFINED = {**SUMMARY, "definitions": {"accuracy": "right over all", "f1": "the mean"}}


@pytest.fixture
def called(monkeypatch):
    """Return the calls of the runner, which computes nothing."""
    calls = []

    def stand_in(name, result):
        def call(*given, **named):
            calls.append((name, *given, named))
            return result

        monkeypatch.setattr(runner, name, call)

    stand_in("evaluate_run", RunResult(DEFINED, None))
    stand_in("merge_shards", RunResult(DEFINED, None))
    stand_in("evaluate_shard", Path("somewhere.safetensors"))
    return calls


def test_keys_options_and_numbers(called, cli_here):
    done = cli_here("evaluate", "run", "iou=0.5", "--seed", "3", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    keys = {"iou": "0.5", "seed": "3", "device": "cpu"}
    assert called == [("evaluate_run", Path("run"), [keys], {"quiet": False})]
    assert "0.5000" in done.stdout
    assert "f1" not in done.stdout
    assert "f1" in cli_here("evaluate", "run", "--all").stdout


def test_json_is_quiet(called, cli_here):
    assert json.loads(cli_here("evaluate", "run", "--json").stdout) == DEFINED
    assert called[0][-1] == {"quiet": True}


def test_a_shard_has_a_file_by_default_or_the_one_that_is_named(called, cli_here):
    done = cli_here("evaluate", "run", "--shard", "2/4")
    assert done.stdout == "shard: somewhere.safetensors\n"
    cli_here("evaluate", "run", "--shard", "2/4", "--out", "mine")
    (*_, default, _), (*_, named, _) = called
    assert "2" in default.name
    assert named == Path("mine")
    assert json.loads(cli_here("evaluate", "run", "--shard", "1/4", "--json").stdout) == {
        "shard": "somewhere.safetensors"
    }


def test_files_are_merged(called, cli_here, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    cli_here("evaluate", "run", "--merge", "a", "~/b")
    assert called == [("merge_shards", Path("run"), [Path("a"), tmp_path / "b"], {"quiet": False})]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--merge", "a", "--shard", "1/2"), "--merge takes the keys from the shards; give files"),
        (("--merge", "a", "--seed", "1"), "--merge takes the keys from the shards; give files"),
        (("--out", "x"), "--out names the file of a shard; give --shard I/N as well"),
        (("--shard", "5/4"), "--shard: expected I/N"),
        (("iou",), "expected key=value, got 'iou'"),
    ],
)
def test_words_that_do_not_fit_together(called, cli_here, words, message):
    done = cli_here("evaluate", "run", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert called == []
