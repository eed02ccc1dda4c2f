"""What a trained model expects among words, beside gensim."""

from __future__ import annotations

import numpy as np
import pytest
from small_sentences import sentences

from nntasks.plugins.word2vec import Word2Vec

SMALL = {"vector_size": 12, "min_count": 1, "window": 3}


def test_expected_words_are_those_of_gensim():
    gensim = pytest.importorskip("gensim.models")
    model = Word2Vec(sentences(), **SMALL, epochs=3)
    theirs = gensim.Word2Vec(**SMALL)
    theirs.build_vocab(sentences())
    theirs.wv.index_to_key[:] = model.wv.index_to_key
    theirs.wv.key_to_index = dict(model.wv.key_to_index)
    theirs.wv.vectors, theirs.syn1neg = model.wv.vectors.copy(), model.syn1neg.copy()
    for given in (["cat", "dog"], ["red", "nowhere", "one"]):
        found, expected = (m.predict_output_word(given, topn=5) for m in (model, theirs))
        np.testing.assert_allclose(
            [p for _, p in found], [float(p) for _, p in expected], rtol=1e-4
        )
        assert {word for word, _ in found[:2]} <= {word for word, _ in expected}
    assert model.predict_output_word(["nowhere"]) is None
    assert len(model.predict_output_word(["cat"], topn=None)) == 15
