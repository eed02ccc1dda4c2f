"""A saved model goes on where it was; nothing is unpickled."""

from __future__ import annotations

import numpy as np
import pytest
from small_sentences import sentences

from nntasks.errors import UsageError
from nntasks.plugins.word2vec import KeyedVectors, Word2Vec


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
