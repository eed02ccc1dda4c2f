"""Which words get a vector: those that gensim chooses."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.word2vec import Word2Vec

_RNG = np.random.default_rng(0)
LISTS = [[f"w{n}" for n in _RNG.zipf(1.6, 9) if n < 60] for _ in range(300)]


def rule(word, count, min_count):
    return {"w1": 1, "w30": 2}.get(word, 0)


@pytest.mark.parametrize(
    "options",
    [
        {"min_count": 1},
        {"min_count": 5},
        {"min_count": 20, "trim_rule": rule},
        {"min_count": 1, "sorted_vocab": 0},
    ],
)
def test_words_and_counts_are_those_of_gensim(options):
    gensim = pytest.importorskip("gensim.models")
    options, rules = dict(options), options.get("trim_rule")
    options.pop("trim_rule", None)
    ours, theirs = (make(vector_size=4, **options) for make in (Word2Vec, gensim.Word2Vec))
    for model in (ours, theirs):
        model.build_vocab(LISTS, trim_rule=rules)
    counts = [
        {word: int(model.wv.get_vecattr(word, "count")) for word in model.wv.index_to_key}
        for model in (ours, theirs)
    ]
    assert counts[0] == counts[1]
    assert ours.corpus_count == theirs.corpus_count
    if options.get("sorted_vocab") == 0:
        assert ours.wv.index_to_key == theirs.wv.index_to_key
    else:
        falling = [counts[0][word] for word in ours.wv.index_to_key]
        assert falling == sorted(falling, reverse=True)
    for model in (ours, theirs):
        model.build_vocab([["fresh", "w2", "w3"]] * 30, update=True)
    for word in ("fresh", "w2", "w3"):
        assert ours.wv.get_vecattr(word, "count") == theirs.wv.get_vecattr(word, "count")


def test_the_most_frequent_words_are_kept():
    model = Word2Vec(vector_size=4, min_count=1, max_final_vocab=5)
    model.build_vocab(LISTS)
    assert len(model.wv) == 5
    counts = {word: sum(one.count(word) for one in LISTS) for one in LISTS for word in one}
    most = sorted(counts.values(), reverse=True)[:5]
    assert [model.wv.get_vecattr(word, "count") for word in model.wv] == most


def test_counts_may_come_from_elsewhere():
    model = Word2Vec(vector_size=4, min_count=2)
    model.build_vocab_from_freq({"a": 5, "b": 3, "c": 1}, corpus_count=4)
    assert model.wv.index_to_key == ["a", "b"]
    assert model.corpus_count == 4
    assert 0 < np.abs(model.wv.vectors).max() <= 1 / 8
