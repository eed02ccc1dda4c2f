"""Word vectors as a model: answers, saved state, files, sizes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from word_samples import some_vectors

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, DataInfo
from nntasks.plugins.embeddings.questions import Pair, analogies
from nntasks.plugins.embeddings.vector_files import read_vectors
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.config import Word2VecConfig
from nntasks.plugins.word2vec.model import CBOW, CBOW_EXACT, SKIPGRAM
from nntasks.plugins.word2vec.speed import Speed
from nntasks.run_folder import RunFolder
from nntasks.seeding import Seeds

WORDS = ["man", "king", "woman", "queen", "apple"]
MATRIX = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 1], [-1, 0, -1]], np.float32)


def made(make=SKIPGRAM, info=None, **keys):
    return make(Word2VecConfig(dim=3, **keys), info or DataInfo(), Seeds(0))


def test_each_entry_has_its_objective():
    assert [made(make).kind for make in (SKIPGRAM, CBOW, CBOW_EXACT)] == [
        "skipgram",
        "cbow",
        "cbow_exact",
    ]


class TestAnswers:
    def asked(self, **keys):
        model = made(**keys)
        model.vectors = KeyedVectors.of(WORDS, MATRIX)
        questions = [
            *analogies("sides", [("man", "king", "woman", "queen")]),
            Pair("p", "man", "king", 1.0, "pair/p/1"),
        ]
        return model.predict(Batch(questions, None, [q.id for q in questions]))

    def test_an_analogy_and_a_pair(self):
        analogy, pair = self.asked()
        assert analogy.word == "queen"
        assert pair.cosine == pytest.approx(np.sqrt(0.5))

    def test_only_the_most_frequent_words_are_searched(self):
        analogy, pair = self.asked(restrict=3)
        assert not analogy.covered
        assert pair.covered

    def test_before_training_nothing_is_known(self):
        question = Pair("p", "man", "king", 1.0, "pair/p/1")
        assert not made().predict(Batch([question], None, [question.id]))[0].covered


class TestState:
    def test_it_comes_back_with_counts_and_output(self):
        first, second = made(), made()
        first.vectors = KeyedVectors.of(WORDS, MATRIX, np.arange(5, 0, -1), 2 * MATRIX)
        second.load_state(dict(first.state()))
        assert second.vectors.words == WORDS
        for name in ("matrix", "counts", "output"):
            ours, theirs = (getattr(model.vectors, name) for model in (first, second))
            assert np.array_equal(ours, theirs), name

    def test_other_weights_are_refused_by_what_they_lack(self):
        with pytest.raises(UsageError, match="expected word vectors, vectors and words is missing"):
            made().load_state({"1.linear.weight": np.ones(3)})
        with pytest.raises(UsageError, match="expected word vectors, words is missing"):
            made().load_state({"vectors": np.ones((1, 3))})


def test_numbers_are_counted_before_and_after_training():
    model = made(info=DataInfo(details={"vocabulary": 7}))
    assert model.parameter_count() == 2 * 7 * 3
    model.vectors = KeyedVectors.of(WORDS, MATRIX)
    assert model.parameter_count() == 2 * 5 * 3
    assert made().parameter_count() == 0


class TestFiles:
    def saved(self, tmp_path, *, is_main=True):
        model = made(save=("bin", "txt"))
        model.vectors = some_vectors(dim=3)
        folder = RunFolder.create(tmp_path, "word2vec", {}, {})
        workers = SimpleNamespace(is_main=is_main)
        model.save_files(SimpleNamespace(workers=workers, folder=folder), Speed(300, 2.0))
        return model, folder.path

    def test_each_format_and_the_speed(self, tmp_path):
        model, run = self.saved(tmp_path)
        for name in ("vectors.bin", "vectors.txt"):
            back = read_vectors(run / name)
            assert back.words == model.vectors.words
            assert np.array_equal(np.asarray(back.matrix), model.vectors.matrix)
        assert Speed.of_run(run).words_per_second == 150

    def test_the_main_process_alone_writes(self, tmp_path):
        _, run = self.saved(tmp_path, is_main=False)
        assert not list(run.glob("vectors.*"))
        assert Speed.of_run(run) is None
