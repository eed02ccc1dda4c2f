"""Sets of vectors as a model: answers of the first, names, saved state."""

from __future__ import annotations

import numpy as np
import pytest
from analysed_vectors import ROWS, config
from word_samples import related_vectors, some_vectors

from nntasks.interfaces import Batch, DataInfo
from nntasks.plugins.embedding_analysis.model import VectorsModel, build, read_sets
from nntasks.plugins.embeddings.questions import analogies
from nntasks.plugins.embeddings.vector_files import write_vectors
from nntasks.plugins.embeddings.vectors import KeyedVectors


def test_the_first_set_answers():
    first = related_vectors(noise=0.1)
    other = KeyedVectors.of(first.words, np.random.default_rng(0).normal(size=(54, 24)))
    asked = analogies("sides", ROWS)
    batch = Batch(asked, None, [q.id for q in asked])
    said = [
        [answer.word for answer in VectorsModel(config(), sets).predict(batch)]
        for sets in ({"a": first, "b": other}, {"b": other, "a": first})
    ]
    assert said[0] == [q.d for q in asked]
    assert said[1] != said[0]


def test_only_the_most_frequent_words_are_searched():
    model = VectorsModel(config(restrict=1), {"a": related_vectors()})
    (said,) = model.predict(Batch(analogies("s", ROWS[:1]), None, ["analogy/s/1"]))
    assert not said.covered


def test_a_state_comes_back():
    first, second = VectorsModel(config(), {"a": some_vectors()}), build(config(), DataInfo(), None)
    assert (second.state(), second.parameter_count()) == ({}, 0)
    second.load_state(first.state())
    assert second.vectors.words == first.vectors.words
    assert np.array_equal(second.vectors.matrix, first.vectors.matrix)
    assert second.parameter_count() == 60 * 8


class TestReadSets:
    @pytest.fixture
    def folder(self, tmp_path):
        for name in ("a.bin", "deep/a.bin", "run/vectors.bin"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            write_vectors(some_vectors(), tmp_path / name)
        return tmp_path

    def test_files_by_their_names_and_runs_by_theirs(self, folder):
        model = read_sets(config(), [folder / "a.bin", folder / "run"])
        assert list(model.sets) == ["a.bin", "run"]

    def test_a_file_of_a_run_by_the_run_s_name(self, folder):
        final = folder / "run" / "checkpoints" / "final"
        final.mkdir(parents=True)
        write_vectors(some_vectors(), final / "model.safetensors")
        assert list(read_sets(config(), [final / "model.safetensors"]).sets) == ["run"]

    def test_equal_names_are_told_apart_by_number_and_path(self, folder):
        paths = [folder / "a.bin", folder / "deep" / "a.bin"]
        assert list(read_sets(config(), paths).sets) == [f"1: {paths[0]}", f"2: {paths[1]}"]

    def test_the_limit_counts_for_all_and_counts_for_the_first(self, folder):
        (folder / "counts").write_text("word3 7\n")
        keys = {"vocabulary": 20, "counts": folder / "counts"}
        model = read_sets(config(**keys), [folder / "a.bin", folder / "run"])
        first, second = model.sets.values()
        assert len(first) == len(second) == 20
        assert first.counts.sum() == 7
        assert second.counts is None
