"""`FastText`: a script written for gensim, with the import line changed."""

from __future__ import annotations

import numpy as np
import pytest
from small_sentences import Again, sentences

from nntasks import ops
from nntasks.errors import RunFailed, UsageError
from nntasks.plugins.embeddings.subwords.vectors import SubwordVectors
from nntasks.plugins.word2vec import FastText, KeyedVectors, Word2Vec

SMALL = {"vector_size": 12, "min_count": 1, "window": 3, "bucket": 5000}
FORMS = ("", "s", "ed", "ing", "er")
STEMS = ("walk", "jump", "cook", "paint", "climb", "guard", "melt", "print", "rest", "farm")


def inflected(count=4000, without=()):
    """Return sentences in which a stem comes with its own company, whatever its form."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(count):
        stem = int(rng.integers(len(STEMS)))
        word = STEMS[stem] + FORMS[rng.integers(len(FORMS))]
        if word not in without:
            near = [f"{'qxzvjkwyfb'[stem]}{n}" for n in rng.integers(0, 5, 4)]
            made.append([*near[:2], word, *near[2:]])
    return made


def same(a, b):
    return a.wv.words == b.wv.words and all(
        np.array_equal(getattr(a.wv, name), getattr(b.wv, name))
        for name in ("vectors", "vectors_vocab", "output")
    )


@pytest.mark.parametrize("sg", [0, 1])
def test_an_unknown_form_finds_its_stem(sg):
    held_out = ("walking", "jumped", "cooks", "painter", "climbing", "guarded", "melts", "printer")
    model = FastText(inflected(without=held_out), sg=sg, epochs=10, alpha=0.05, sample=0, **SMALL)
    found = 0
    for word in held_out:
        assert word not in model.wv.key_to_index
        stem = next(stem for stem in STEMS if word.startswith(stem))
        near = model.wv.most_similar(word, topn=3)
        found += sum(other.startswith(stem) for other, _ in near)
    assert found >= 2 * len(held_out)  # of three; by chance it would be about a tenth


def test_a_list_an_iterable_and_a_file_give_the_same_vectors(tmp_path):
    lists = sentences()
    (tmp_path / "text.txt").write_text("".join(" ".join(one) + "\n" for one in lists))
    model = FastText(lists, **SMALL, epochs=2)
    assert same(model, FastText(Again(lists), **SMALL, epochs=2))
    assert same(model, FastText(corpus_file=tmp_path / "text.txt", **SMALL, epochs=2))
    assert same(model, FastText(lists, **SMALL, epochs=2, workers=1))
    assert not same(model, FastText(lists, **SMALL, epochs=2, seed=2))


@pytest.mark.parametrize("sg", [0, 1])
def test_python_trains_what_the_kernel_trains(sg):
    if not ops.native_available():
        pytest.skip("no compiled kernels")
    models = []
    for mode in ("python", "native"):
        with ops.use(mode):
            models.append(FastText(sentences(60), sg=sg, **SMALL, epochs=2, alpha=0.1))
    one, other = models
    assert one.wv.words == other.wv.words
    assert np.array_equal(one.wv.table.buckets, other.wv.table.buckets)
    for name in ("vectors", "vectors_vocab", "output"):
        theirs = getattr(other.wv, name)
        np.testing.assert_allclose(getattr(one.wv, name), theirs, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(one.wv["catty"], other.wv["catty"], rtol=1e-4, atol=1e-5)


def test_new_words_join_and_training_goes_on():
    model = FastText(sentences(), **SMALL)
    rows = {name: model.wv.vectors_vocab[model.wv.index(name)].copy() for name in ("cat", "dog")}
    ngrams = model.wv.vectors_ngrams
    more = [["cat", "lion", "lioness"], ["lioness", "lion", "dog"]] * 50
    model.build_vocab(more, update=True)
    for name, row in rows.items():
        assert np.array_equal(model.wv.vectors_vocab[model.wv.index(name)], row)
    used = ngrams.any(axis=1)
    assert np.array_equal(model.wv.vectors_ngrams[used], ngrams[used])
    assert model.wv.vectors_ngrams.any(axis=1).sum() > used.sum()
    lion = model.wv["lion"].copy()
    model.train(more, total_examples=model.corpus_count, epochs=3)
    assert not np.array_equal(model.wv["lion"], lion)
    assert model.wv["lions"].any()
    assert len(model.wv) == len(model.wv.vectors_vocab) == len(model.syn1neg)


def test_a_saved_model_goes_on_as_if_it_had_not_stopped(tmp_path):
    model = FastText(sentences(), **SMALL, epochs=2)
    model.save(tmp_path / "model")
    again = FastText.load(tmp_path / "model")
    assert same(model, again)
    assert np.array_equal(model.wv["catty"], again.wv["catty"])
    for one in (model, again):
        one.train(sentences(seed=5), total_examples=300, epochs=2)
    assert same(model, again)
    with pytest.raises(UsageError, match=r"of FastText, not Word2Vec; use FastText\.load"):
        Word2Vec.load(tmp_path / "model")
    assert isinstance(KeyedVectors.load(tmp_path / "model"), SubwordVectors)


@pytest.mark.parametrize("off", [{"max_n": 0}, {"bucket": 0}, {"word_ngrams": 0}])
def test_without_ngrams_it_knows_its_words_alone(off):
    model = FastText(sentences(60), **{**SMALL, **off})
    assert np.allclose(model.wv.vectors, model.wv.vectors_vocab)
    with pytest.raises(KeyError, match="catty"):
        model.wv["catty"]


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"min_n": 0}, ValueError, "min_n: expected a whole number from 1 to 64, got 0"),
        ({"bucket": -1}, ValueError, "bucket: expected a whole number from 0 to 2147483647"),
        ({"max_n": 1.5}, TypeError, "max_n: expected a whole number"),
        ({"word_ngrams": 2}, ValueError, "word_ngrams: expected 1, or 0 for no n-grams, got 2"),
        ({"buckets": 5}, TypeError, r"FastText has no option 'buckets'.*bucket"),
        ({"hs": 1}, UsageError, "hierarchical softmax is not offered"),
    ],
)
def test_wrong_options_are_refused(options, error, said):
    with pytest.raises(error, match=said):
        FastText(sentences(3), **{**SMALL, **options})


def test_word2vec_has_no_ngrams():
    with pytest.raises(TypeError, match="Word2Vec has no option 'min_n'"):
        Word2Vec(sentences(3), min_n=3)


def test_unknown_words_and_lookups_are_those_of_gensim():
    theirs = pytest.importorskip("gensim.models").FastText(
        sentences(50), vector_size=8, min_count=1, bucket=300, epochs=2, seed=1
    )
    model = FastText(sentences(50), vector_size=8, min_count=1, bucket=300, epochs=1)
    order = [theirs.wv.key_to_index[word] for word in model.wv.words]
    model.wv.vectors = theirs.wv.vectors[order]
    own = theirs.wv.vectors_vocab[order]
    table = model.wv.table
    table.rows = theirs.wv.vectors_ngrams[table.buckets]
    model.wv.with_ngrams(own, table)
    for word in ("cat", "cats", "dogcat", "whites"):
        ngrams = table.sizes.buckets_of(word)
        if np.isin(ngrams, table.buckets).all():
            np.testing.assert_allclose(model.wv[word], theirs.wv[word], rtol=1e-5, atol=1e-7)
    assert model.wv.similarity("cat", "dog") == pytest.approx(theirs.wv.similarity("cat", "dog"))
    means = [one.get_sentence_vector(["cat", "dog", "red"]) for one in (model.wv, theirs.wv)]
    np.testing.assert_allclose(*means, rtol=1e-5, atol=1e-7)


def test_words_that_were_added_by_hand_get_the_rows_of_their_ngrams():
    model = FastText(sentences(), **SMALL, epochs=1)
    before = len(model.wv.table.buckets)
    model.wv.add_vectors(["zyxwvut"], np.full((1, 12), 0.1, np.float32))
    rows, count = model.wv.table.of_word("zyxwvut")
    assert len(rows) < count
    model.train([["zyxwvut", "cat", "dog"]] * 20, total_examples=20, epochs=1)
    rows, count = model.wv.table.of_word("zyxwvut")
    assert len(rows) == count > 0
    assert len(model.wv.table.buckets) > before
    own = model.wv.own[model.wv.index("zyxwvut")]
    mean = (own + model.wv.table.rows[rows].sum(0)) / (count + 1)
    assert np.allclose(model.wv["zyxwvut"], mean, atol=1e-6)


@pytest.mark.parametrize("kind", [FastText, Word2Vec])
def test_vectors_that_are_not_finite_end_the_training(kind):
    options = {name: value for name, value in SMALL.items() if name != "bucket"}
    model = kind(sentences(), **options, epochs=1)
    rows = model.wv.own if kind is FastText else model.wv.vectors
    rows[:] = np.nan
    with pytest.raises(RunFailed, match="the loss of epoch 1 is not finite"):
        model.train(sentences(), total_examples=300, epochs=1)


def test_a_number_of_word_ngrams_that_is_an_array_is_refused():
    with pytest.raises(ValueError, match="word_ngrams: expected 1, or 0 for no n-grams") as caught:
        FastText(word_ngrams=np.array([1, 0]))
    assert isinstance(caught.value, UsageError)
