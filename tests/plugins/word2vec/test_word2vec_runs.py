"""Whole runs: the default, threads, killing, several processes, files, bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from command_line import ROOT, cli_environment, digest

from nntasks.plugins.embeddings.vector_files import read_vectors

SMALL = ("data.sentences=2000", "dim=20", "epochs=2")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A folder of encoded corpora that all tests share."""
    return {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture
def word2vec(cli, cache, tmp_path):
    """Return a function that runs word2vec into a folder, and returns the process and the run."""

    def call(name, *words, **environment):
        process = cli("run", "word2vec", *words, "--out", tmp_path / name, **cache, **environment)
        runs = list((tmp_path / name).glob("word2vec/2*"))
        return process, runs[0] if runs else None

    return call


def bits(run):
    return digest(run / "checkpoints" / "final" / "model.safetensors")


def test_the_default_finds_what_was_planted(word2vec):
    process, run = word2vec("out", "--json")
    assert process.returncode == 0, process.stderr
    summary = json.loads(process.stdout)
    assert summary["metrics"]["analogies"] >= 0.95
    assert summary["metrics"]["planted"] > 0.7
    assert "is missing" not in process.stderr  # a figure that could not be drawn
    names = {picture.stem for picture in (run / "figures").iterdir()}
    assert names == {"training_curves", "analogies", "map"}
    assert "planted relations were found" in (run / "report.html").read_text()
    items = (run / "items.csv").read_text().splitlines()
    assert len(items) == 1 + summary["samples"]


@pytest.mark.slow
def test_any_number_of_threads_gives_the_same_bytes(word2vec):
    found = set()
    for threads in (1, 2, 4):
        process, run = word2vec(f"threads{threads}", *SMALL, f"threads={threads}")
        assert process.returncode == 0, process.stderr
        found.add(bits(run))
    assert len(found) == 1


@pytest.mark.slow
def test_killed_and_resumed_it_ends_with_the_same_bytes(word2vec, tmp_path, cache):
    keys = ("data.sentences=40000", "epochs=6", "dim=50", "checkpoint_seconds=0.01")
    _, undisturbed = word2vec("undisturbed", *keys)
    command = [
        sys.executable,
        "-m",
        "nntasks",
        "run",
        "word2vec",
        *keys,
        "--out",
        str(tmp_path / "x"),
    ]
    start = {"env": cli_environment(**cache), "cwd": ROOT, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **start)
    deadline = time.monotonic() + 120
    while not list((tmp_path / "x").glob("word2vec/2*/checkpoints/step*")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (run,) = (tmp_path / "x").glob("word2vec/2*")
    assert not (run / "summary.json").exists()
    command = [sys.executable, "-m", "nntasks", "run", "--resume", str(run)]
    assert subprocess.run(command, **start, check=False).returncode == 0
    assert bits(run) == bits(undisturbed)
    assert digest(run / "metrics.jsonl") == digest(undisturbed / "metrics.jsonl")


@pytest.mark.slow
def test_two_processes_share_the_corpus_and_average(word2vec):
    keys = ("data.sentences=40000", "epochs=3", "average_words=200000", "--nproc", "2", "--json")
    process, run = word2vec("two", *keys)
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)["metrics"]["analogies"] >= 0.9
    assert read_vectors(run).dim == 100
    _, again = word2vec("again", *keys)
    assert bits(run) == bits(again)


def test_the_vectors_of_a_run_are_read_by_gensim(word2vec):
    gensim = pytest.importorskip("gensim.models")
    _, run = word2vec("out", *SMALL, "model=cbow", "save=bin,txt")
    ours = read_vectors(run)
    for name, binary in (("vectors.bin", True), ("vectors.txt", False)):
        keyed = gensim.KeyedVectors.load_word2vec_format(str(run / name), binary=binary)
        assert keyed.index_to_key == ours.words
        assert np.allclose(keyed.vectors, ours.matrix, atol=1e-6)


def test_a_run_is_evaluated_and_explained(word2vec, cli, cache, tmp_path):
    process, run = word2vec("out", *SMALL, "--json")
    numbers = json.loads(process.stdout)["metrics"]
    again = cli("evaluate", run, "--json", **cache)
    assert json.loads(again.stdout)["metrics"] == numbers
    other = cli(
        "run",
        "word2vec",
        *SMALL,
        f"weights={run / 'vectors.bin'}",
        "--json",
        "--out",
        tmp_path / "other",
        **cache,
    )
    assert json.loads(other.stdout)["metrics"] == pytest.approx(numbers, abs=1e-6)
    told = cli("explain", run, "paris", "context=france", **cache)
    assert "nearest:" in told.stdout
    assert "input . output" in told.stdout
    asked = cli("explain", run, "paris", "analogy=france,italy", **cache)
    assert asked.stdout.startswith("france is to paris as italy is to ")
    missing = cli("explain", run, "pariss", **cache)
    assert missing.returncode == 2
    assert "Did you mean 'paris'" in missing.stderr


def test_text_of_ones_own_without_questions(word2vec, tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("the cat sat on the mat\n" * 200)
    process, run = word2vec("out", "data=text", f"data.path={tmp_path / 'texts'}", "epochs=1")
    assert process.returncode == 0, process.stderr
    assert set(read_vectors(run).words) == {"the", "cat", "sat", "on", "mat"}
    assert "Nearest neighbours" in process.stdout


@pytest.mark.parametrize(
    ("content", "keys", "message"),
    [
        (b"", (), "no words in"),
        (b"one\n", ("min_count=1",), "one word"),
        (b"some words that are rare\n", (), "min_count"),
        (b"good\nba\xffd\n" * 9, (), "byte 7"),
        (None, (), "without text"),
    ],
)
def test_bad_text(word2vec, tmp_path, content, keys, message):
    path = tmp_path / "text"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    process, run = word2vec("out", "data=text", f"data.path={path}", *keys)
    assert process.returncode == 2, process.stderr
    assert message in process.stderr.splitlines()[-1]
    assert run is None


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [
        (("data=text",), 2, "data.path: expected text files, folders or patterns, got none"),
        (("data=text", "data.path=nowhere*"), 2, "found none at nowhere*"),
        (("dim=0",), 2, "dim: expected a whole number >= 1"),
        (("clip_value=1e-31",), 2, "clip_value: expected 0 or a number from 1e-30 to 1e+30"),
        (("clip_norm=1e31",), 2, "clip_norm: expected a number >= 0 and <= 1e+30"),
        (("device=cuda:9",), 2, "CUDA devices of this machine"),
        (("save=csv",), 2, "save: expected"),
        (("weights=nothing.bin",), 2, "weights: expected a file"),
    ],
)
def test_bad_keys(word2vec, keys, code, message):
    process, run = word2vec("out", *keys)
    assert process.returncode == code, process.stderr
    assert message in process.stderr.splitlines()[-1]
    assert run is None
