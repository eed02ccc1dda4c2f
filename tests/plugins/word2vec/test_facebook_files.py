"""`.bin` files of fastText, written here by the published format, and by gensim."""

from __future__ import annotations

import gzip
import io
import struct

import numpy as np
import pytest
from small_sentences import sentences

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.subwords.ngrams import ngram_hash, ngrams
from nntasks.plugins.word2vec import FastText, load_facebook_model, load_facebook_vectors

WORDS = ("</s>", "walking", "œuvre", "a")
DIM, BUCKET = 4, 50
# dim ws epoch minCount neg wordNgrams loss model bucket minn maxn lrUpdateRate t
ARGUMENTS = (DIM, 5, 7, 1, 6, 1, 2, 2, BUCKET, 3, 5, 100, 1e-4)


def rows(count, seed):
    return np.random.default_rng(seed).standard_normal((count, DIM)).astype("<f4")


INPUTS, OUTPUTS = rows(len(WORDS) + BUCKET, 0), rows(len(WORDS), 1)


def written(arguments=ARGUMENTS, words=WORDS, head=(793712314, 12), **changed):
    """Return the bytes of a model, as saveModel of fastText 0.9 writes them."""
    file = io.BytesIO()
    file.write(struct.pack("<ii", *head) + struct.pack("<12id", *arguments))
    labels, pruned = changed.get("labels", 0), changed.get("pruned", -1)
    file.write(struct.pack("<iiiqq", len(words), len(words), labels, 1234, pruned))
    for place, word in enumerate(words):
        content = word if isinstance(word, bytes) else word.encode()
        file.write(content + b"\0" + struct.pack("<qb", 100 - place, changed.get("kind", 0)))
    for matrix in (changed.get("inputs", INPUTS), OUTPUTS):
        file.write(struct.pack("<?qq", changed.get("quantised", False), *matrix.shape))
        file.write(matrix.tobytes())
    return file.getvalue()


@pytest.fixture
def saved(tmp_path):
    def save(content, name="model.bin"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return save


def buckets(word):
    return [len(WORDS) + ngram_hash(one) % BUCKET for one in ngrams(word, 3, 5)]


@pytest.mark.parametrize("packed", [False, True])
def test_vectors_are_those_of_the_format(saved, packed):
    path = saved(gzip.compress(written()) if packed else written())
    wv = load_facebook_vectors(path)
    assert wv.index_to_key == list(WORDS)
    assert wv.counts.tolist() == [100, 99, 98, 97]
    assert np.array_equal(wv.vectors_ngrams, INPUTS[len(WORDS) :])
    assert np.array_equal(wv["</s>"], INPUTS[0])
    for place, word in enumerate(WORDS[1:], start=1):
        assert np.allclose(wv[word], INPUTS[[place, *buckets(word)]].mean(0), atol=1e-6)
    assert np.allclose(wv["œuvres"], INPUTS[buckets("œuvres")].mean(0), atol=1e-6)


def test_a_model_trains_further(saved):
    model = load_facebook_model(saved(written()))
    assert isinstance(model, FastText)
    one = model.options
    assert (one.window, one.epochs, one.negative, one.sg, one.sample) == (5, 7, 6, 1, 1e-4)
    assert (one.min_n, one.max_n, one.bucket, model.corpus_total_words) == (3, 5, BUCKET, 1234)
    assert np.array_equal(model.syn1neg, OUTPUTS)
    text = [["walking", "a", "walked"]] * 3000
    model.build_vocab(text, update=True)
    model.train(text, total_examples=3000, epochs=2)
    assert np.isfinite(model.wv.vectors).all()
    assert not np.array_equal(model.wv.vectors_vocab[1], INPUTS[1])
    assert "walked" in model.wv.key_to_index


@pytest.mark.parametrize(("minn", "maxn", "bucket"), [(0, 0, 0), (0, 2, BUCKET), (4, 3, BUCKET)])
def test_sizes_of_ngrams(saved, minn, maxn, bucket):
    changed = (*ARGUMENTS[:8], bucket, minn, maxn, 100, 1e-4)
    content = written(changed, inputs=INPUTS[: len(WORDS) + bucket])
    wv = load_facebook_vectors(saved(content))
    found = [len(WORDS) + ngram_hash(one) % BUCKET for one in ngrams("a", max(minn, 1), maxn)]
    assert np.allclose(wv["a"], INPUTS[[3, *found]].mean(0), atol=1e-6)


def replaced(place, value):
    return (*ARGUMENTS[:place], value, *ARGUMENTS[place + 1 :])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "ends too early"),
        (b"400000 300\n", "is no model of fastText"),
        (written(head=(793712314, 11)), "expected version 12"),
        (written(replaced(7, 3)), "not supervised ones"),
        (written(replaced(0, -1)), "the arguments are damaged"),
        (written(replaced(8, -1)), "the arguments are damaged"),
        (written(replaced(12, float("nan"))), "the arguments are damaged"),
        (written(replaced(8, BUCKET + 1)), "expected a matrix of 55 x 4"),
        (written(labels=1), "models with labels"),
        (written(pruned=3), "pruned n-grams"),
        (written(kind=1), "the entry of '</s>' is damaged"),
        (written(quantised=True), "quantised models"),
        (written(words=("a", "b", "a", "c")), "different words, but 'a' comes as number 1 and 3"),
        (written(inputs=np.where(np.arange(54)[:, None] == 2, np.nan, INPUTS)), "not finite"),
        (written(inputs=np.where(np.arange(54)[:, None] == 9, np.inf, INPUTS)), "not finite"),
    ],
)
def test_what_is_no_such_file_is_refused(saved, content, said):
    with pytest.raises(UsageError, match=said) as caught:
        load_facebook_vectors(saved(content))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_cut_or_absent_is_refused(saved, tmp_path):
    content = written()
    for end in range(0, len(content), 7):
        with pytest.raises(UsageError, match="ends too early"):
            load_facebook_vectors(saved(content[:end]))
    with pytest.raises(FileNotFoundError):
        load_facebook_vectors(tmp_path / "absent.bin")


def test_a_model_of_hierarchical_softmax_has_vectors_alone(saved):
    path = saved(written(replaced(6, 1)))
    assert len(load_facebook_vectors(path)) == len(WORDS)
    with pytest.raises(NotImplementedError, match="only models of negative sampling"):
        load_facebook_model(path)


def test_a_word_of_other_bytes_is_kept_with_backslashes(saved, caplog):
    wv = load_facebook_vectors(saved(written(words=(b"caf\xe9", "b", "c", "d"))))
    assert wv.index_to_key[0] == r"caf\xe9"
    assert "is not utf-8" in caplog.text
    latin = load_facebook_vectors(saved(written(words=(b"caf\xe9", "b", "c", "d"))), "latin-1")
    assert latin.index_to_key[0] == "café"


@pytest.mark.parametrize("sg", [0, 1])
def test_gensim_reads_the_same(tmp_path, sg):
    theirs = pytest.importorskip("gensim.models.fasttext")
    options = {"vector_size": 12, "min_count": 1, "bucket": 300, "sg": sg, "workers": 1}
    written_by_gensim = theirs.FastText(sentences(), **options)
    path = tmp_path / "gensim.bin"
    theirs.save_facebook_model(written_by_gensim, str(path))
    known, ours = theirs.load_facebook_vectors(str(path)), load_facebook_model(path)
    assert ours.wv.index_to_key == known.index_to_key
    assert np.allclose(ours.wv.vectors, known.vectors, atol=1e-6)
    assert np.array_equal(ours.wv.vectors_vocab, known.vectors_vocab)
    assert np.array_equal(ours.wv.vectors_ngrams, known.vectors_ngrams)
    for word in ("cats", "zyx", "😀", "blackish"):
        assert np.allclose(ours.wv[word], known[word], atol=1e-6)
    model = theirs.load_facebook_model(str(path))
    assert np.array_equal(ours.syn1neg, model.syn1neg)
    for name in ("window", "epochs", "negative", "sg", "sample", "min_count"):
        assert getattr(ours.options, name) == getattr(model, name)
