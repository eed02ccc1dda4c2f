"""`Word2Vec`: a script written for gensim, with the import line changed."""

from __future__ import annotations

import numpy as np
import pytest
from small_sentences import TOPICS, Again, sentences

from nntasks.errors import RunFailed, UsageError
from nntasks.plugins.word2vec import KeyedVectors, Word2Vec

SMALL = {"vector_size": 12, "min_count": 1, "window": 3}


def same(a, b):
    return a.wv.index_to_key == b.wv.index_to_key and np.array_equal(a.wv.vectors, b.wv.vectors)


@pytest.mark.parametrize("sg", [0, 1])
def test_words_of_a_topic_are_near(sg):
    model = Word2Vec(sentences(1000), **SMALL, sg=sg, sample=0, epochs=10, alpha=0.1)
    assert isinstance(model.wv, KeyedVectors)
    for topic in TOPICS:
        near = {word for word, _ in model.wv.most_similar(topic[0], topn=4)}
        assert near == {*topic[1:]}


def test_a_list_an_iterable_and_a_file_give_the_same_vectors(tmp_path):
    lists = sentences()
    (tmp_path / "text.txt").write_text("".join(" ".join(one) + "\n" for one in lists))
    model = Word2Vec(lists, **SMALL, epochs=2)
    again = Again(lists)
    assert same(model, Word2Vec(again, **SMALL, epochs=2))
    assert again.reads >= 3  # to count, and once an epoch
    assert same(model, Word2Vec(corpus_file=tmp_path / "text.txt", **SMALL, epochs=2))
    assert same(model, Word2Vec(lists, **SMALL, epochs=2, workers=1))
    assert not same(model, Word2Vec(lists, **SMALL, epochs=2, seed=2))


def test_steps_by_hand_are_those_of_the_constructor():
    lists = sentences()
    model = Word2Vec(**SMALL, epochs=2)
    model.build_vocab(lists)
    assert (model.corpus_count, model.corpus_total_words) == (300, 1800)
    trained, read = model.train(lists, total_words=1800, epochs=model.epochs)
    assert read == 3600
    assert 0 < trained <= read
    assert same(model, Word2Vec(lists, **SMALL, epochs=2))


def test_new_words_join_and_training_goes_on():
    model = Word2Vec(sentences(), **SMALL)
    old, before = model.wv["cat"].copy(), model.wv.get_vecattr("cat", "count")
    more = [["cat", "lion", "tiger"], ["tiger", "lion", "dog"]] * 50
    model.build_vocab(more, update=True)
    assert {"lion", "tiger"} <= {*model.wv.index_to_key}
    assert np.array_equal(model.wv["cat"], old)
    assert model.wv.get_vecattr("cat", "count") == before + 50
    lion = model.wv["lion"].copy()
    model.train(more, total_examples=model.corpus_count, epochs=3, start_alpha=0.05, end_alpha=0.01)
    assert not np.array_equal(model.wv["lion"], lion)
    assert not np.array_equal(model.wv["cat"], old)


def test_unknown_words_alone_train_nothing():
    model = Word2Vec(sentences(), **SMALL)
    before = model.wv.vectors.copy()
    assert model.train([["nothing"], []], total_examples=2, epochs=1) == (0, 1)
    assert np.array_equal(model.wv.vectors, before)


class Told:
    """A callback that notes what it was told, and that the vectors are those of the epoch."""

    def __init__(self):
        self.events, self.vectors, self.losses = [], [], []

    def on_train_begin(self, model):
        self.events.append("train begin")

    def on_epoch_begin(self, model):
        self.events.append("epoch begin")

    def on_epoch_end(self, model):
        self.events.append("epoch end")
        self.vectors.append(model.wv["cat"].copy())
        self.losses.append(model.get_latest_training_loss())

    def on_train_end(self, model):
        self.events.append("train end")


def test_callbacks_are_told_and_see_the_vectors_and_the_loss():
    told = Told()
    model = Word2Vec(sentences(), **SMALL, epochs=2, callbacks=[told], compute_loss=True)
    epoch = ["epoch begin", "epoch end"]
    assert told.events == ["train begin", *epoch, *epoch, "train end"]
    assert not np.array_equal(told.vectors[0], told.vectors[1])
    assert np.array_equal(told.vectors[1], model.wv["cat"])
    assert 0 < told.losses[0] < told.losses[1] == model.get_latest_training_loss()
    assert Word2Vec(sentences(), **SMALL).get_latest_training_loss() == 0


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda w: w(one for one in sentences()), TypeError),
        (lambda w: w(sentences(), corpus_file="x"), TypeError),
        (lambda w: w([]), RuntimeError),
        (lambda w: w([[]]), RuntimeError),
        (lambda w: w(sentences(), min_count=10_000), RuntimeError),
        (lambda w: w(sentences(), negative=0), Exception),
        (lambda w: w(sentences(), size=3), TypeError),
        (lambda w: w().train(sentences(), total_examples=1, epochs=1), RuntimeError),
        (lambda w: w(sentences()).train(sentences()), ValueError),
        (lambda w: w(sentences()).train(sentences(), total_examples=300), ValueError),
        (lambda w: w(sentences()).train(sentences(), epochs=1), ValueError),
        (lambda w: w(sentences()).score([["cat"]]), RuntimeError),
    ],
)
def test_mistakes_fail_as_in_gensim(call, kind):
    gensim = pytest.importorskip("gensim.models")
    with pytest.raises(kind):
        call(gensim.Word2Vec)
    with pytest.raises(kind) as caught:
        call(Word2Vec)
    assert isinstance(caught.value, UsageError)
    assert "\n" not in str(caught.value)


def test_what_moved_is_said():
    model = Word2Vec(sentences(), **SMALL)
    assert (model.window, model.vector_size, model.sg) == (3, 12, 0)
    with pytest.raises(AttributeError, match=r"use model\.wv"):
        _ = model.most_similar
    with pytest.raises(UsageError, match="update=True"):
        Word2Vec(**SMALL).build_vocab(sentences(), update=True)


def test_numbers_that_run_away_leave_the_vectors_of_the_epoch_before():
    model = Word2Vec(sentences(), **SMALL)
    before = model.wv.vectors.copy()
    with pytest.raises(RunFailed, match="lower alpha"):
        model.train(sentences(), total_examples=300, epochs=1, start_alpha=1e30)
    assert np.array_equal(model.wv.vectors, before)
