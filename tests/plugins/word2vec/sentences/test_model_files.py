"""A saved model goes on where it was; nothing is unpickled."""

from __future__ import annotations

import json

import numpy as np
import pytest
from small_sentences import sentences

from nntasks.errors import UsageError
from nntasks.plugins.word2vec import FastText, KeyedVectors, Word2Vec


def test_a_loaded_model_trains_on_as_the_saved_one(tmp_path):
    model = Word2Vec(sentences(), vector_size=12, min_count=1, sg=1, epochs=2)
    model.save(tmp_path / "word2vec.model")
    back = Word2Vec.load(tmp_path / "word2vec.model")
    assert back.options == model.options
    assert (back.corpus_count, back.corpus_total_words) == (300, 1800)
    assert np.array_equal(back.syn1neg, model.syn1neg)
    for one in (model, back):
        one.train(sentences(seed=1), total_examples=300, epochs=1)
    assert np.array_equal(back.wv.vectors, model.wv.vectors)
    assert KeyedVectors.load(tmp_path / "word2vec.model").index_to_key == model.wv.index_to_key


def test_what_is_no_model_is_refused(tmp_path):
    model = Word2Vec(sentences(), vector_size=12, min_count=1)
    model.wv.save(tmp_path / "vectors.kv")
    with pytest.raises(UsageError, match="holds vectors alone"):
        Word2Vec.load(tmp_path / "vectors.kv")
    with pytest.raises(FileNotFoundError):
        Word2Vec.load(tmp_path / "absent")
    (tmp_path / "old.model").write_bytes(b"\x80\x04.")
    with pytest.raises(UsageError, match="is a pickle"):
        Word2Vec.load(tmp_path / "old.model")


def changed(path, change, name="changed.model"):
    """Return a copy of a safetensors file whose entry of settings is another."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    settings = json.loads(header["__metadata__"]["word2vec"])
    header["__metadata__"]["word2vec"] = json.dumps(change(settings))
    text = json.dumps(header).encode()
    copy = path.with_name(name)
    copy.write_bytes(len(text).to_bytes(8, "little") + text + content[start:])
    return copy


@pytest.mark.parametrize(
    "change",
    [
        lambda stored: {name: stored[name] for name in stored if name != "train_count"},
        lambda stored: {name: stored[name] for name in stored if name != "corpus"},
        lambda stored: stored | {"train_count": -1},
        lambda stored: stored | {"train_count": "1"},
        lambda stored: stored | {"corpus": [1]},
        lambda stored: stored | {"options": None},
        lambda stored: stored | {"options": stored["options"] | {"vector_size": 13}},
    ],
)
def test_settings_that_are_damaged_are_refused(tmp_path, change):
    Word2Vec(sentences(), vector_size=12, min_count=1).save(tmp_path / "one.model")
    assert len(Word2Vec.load(changed(tmp_path / "one.model", lambda stored: stored)).wv)
    with pytest.raises(UsageError, match="missing or damaged"):
        Word2Vec.load(changed(tmp_path / "one.model", change))


@pytest.mark.parametrize("kind", [Word2Vec, FastText])
def test_half_of_a_surrogate_pair_is_trained_and_not_saved(tmp_path, kind):
    model = kind([["\ud800", "\udfffx", "a"]] * 20, vector_size=12, min_count=1)
    assert np.isfinite(model.wv.vectors).all()
    with pytest.raises(UsageError, match=r"got '\\ud[8f][0f][0f]x?', which holds half of one"):
        model.save(tmp_path / "half.model")
    assert not (tmp_path / "half.model").exists()


@pytest.mark.parametrize("name", ["output", "own", "rows"])
def test_numbers_that_are_not_finite_are_refused(tmp_path, name):
    model = FastText(sentences(), vector_size=12, min_count=1, bucket=100)
    getattr(model.wv.table if name == "rows" else model.wv, name)[2, 1] = np.nan
    model.save(tmp_path / "nan.model")
    with pytest.raises(UsageError, match="holds numbers that are not finite"):
        FastText.load(tmp_path / "nan.model")
