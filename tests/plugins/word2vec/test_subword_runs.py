"""Runs whose words are made of n-grams: `max_n` of the task `word2vec`."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nntasks.plugins.embeddings.subwords.vectors import SubwordVectors
from nntasks.plugins.embeddings.vector_files import read_vectors
from nntasks.plugins.word2vec import KeyedVectors

SMALL = ("run", "word2vec", "data.sentences=1000", "dim=12", "epochs=2", "max_n=4", "bucket=3000")


@pytest.fixture
def run(cli_here, tmp_path, monkeypatch):
    """Return a function that runs word2vec with n-grams, and returns the folder and the summary."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(name, *words):
        done = cli_here(*SMALL, *words, "--json", "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
        return next((tmp_path / name).glob("word2vec/2*")), json.loads(done.stdout)

    return call


@pytest.mark.parametrize("model", ["skipgram", "cbow_exact"])
def test_a_run_knows_unknown_words(run, cli_here, model):
    folder, summary = run("out", f"model={model}", "mode=fast")
    vectors = KeyedVectors.load(folder)
    assert isinstance(vectors, SubwordVectors)
    assert "francess" not in vectors.key_to_index
    assert vectors["francess"].any()
    assert summary["parameters"] == 12 * (2 * len(vectors) + len(vectors.table.buckets))
    words = read_vectors(folder / "vectors.bin")
    assert np.allclose(words["france"], vectors["france"])
    said = cli_here("explain", folder, "francess")
    assert "not in the text; the mean of its n-grams <fr <fra fra" in said.stdout
    assert cli_here("explain", folder, "france").stdout.count("n-grams") == 0
    known = json.loads(cli_here("explain", folder, "francess", "--json").stdout)
    assert known["ngrams"][:2] == ["<fr", "<fra"]
    assert "rank" not in known


def test_the_same_run_gives_the_same_rows(run):
    first, second = (KeyedVectors.load(run(name)[0]) for name in ("one", "two"))
    assert np.array_equal(first.table.rows, second.table.rows)
    assert np.array_equal(first.vectors_vocab, second.vectors_vocab)


def test_sizes_that_leave_no_ngram_are_refused(cli_here, tmp_path):
    done = cli_here("run", "word2vec", "max_n=2", "--out", tmp_path)
    assert done.returncode == 2
    assert "max_n: expected 0, or at least min_n=3, got 2" in done.stderr
