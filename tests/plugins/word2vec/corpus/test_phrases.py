"""Phrases: the pairs that gensim joins, and counts that add up."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import pytest

from nntasks import ops
from nntasks.plugins.word2vec.corpus import CorpusOptions, encode, engine, phrases


@pytest.fixture(params=("native", "python"), autouse=True)
def implementation(request):
    """Have every test run on both implementations."""
    if request.param == "native" and engine.READER.compiled() is None:
        pytest.skip("the corpus reader is not compiled")
    with ops.use("python" if request.param == "python" else "auto"):
        yield


@pytest.fixture(scope="module")
def sentences():
    """Return sentences in which some words are often neighbours, some of them three at a time."""
    rng = random.Random(1)
    words = [f"w{rank}" for rank in range(300)]
    weights = [1 / (rank + 1) for rank in range(300)]
    fixed = [rng.sample(words[40:], rng.choice((2, 2, 3))) for _ in range(25)]
    return [
        [
            word
            for _ in range(rng.randrange(1, 12))
            for word in (rng.choice(fixed) if rng.random() < 0.3 else rng.choices(words, weights))
        ]
        for _ in range(1500)
    ]


@pytest.fixture
def path(sentences, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n".join(map(" ".join, sentences)))
    return path


def read(corpus):
    return [
        [corpus.words[number] for number in corpus.tokens[a:b]]
        for a, b in pairwise(corpus.sentences.tolist())
    ]


@pytest.mark.parametrize(("passes", "threshold"), [(1, 10.0), (1, 2.0), (2, 5.0)])
def test_gensim_joins_the_same_pairs(path, sentences, tmp_path, passes, threshold):
    models = pytest.importorskip("gensim.models.phrases")
    wanted = sentences
    for _ in range(passes):
        found = models.Phrases(wanted, min_count=4, threshold=threshold)
        assert found.export_phrases()
        wanted = [found[sentence] for sentence in wanted]
    counts = Counter(word for sentence in wanted for word in sentence)
    kept = [[word for word in sentence if counts[word] >= 4] for sentence in wanted]
    corpus = encode(
        path,
        tmp_path / "out",
        CorpusOptions(min_count=4, phrases=passes, phrase_threshold=threshold),
    )
    assert read(corpus) == [sentence for sentence in kept if sentence]
    assert corpus.counts.tolist() == [counts[word] for word in corpus.words]


def test_pairs_counted_in_parts_are_the_same(path, tmp_path, monkeypatch):
    whole = encode(path, tmp_path / "whole", CorpusOptions(phrases=2))
    monkeypatch.setattr(phrases, "_PAIRS_AT_ONCE", 1000)
    parts = encode(path, tmp_path / "parts", CorpusOptions(phrases=2))
    assert read(parts) == read(whole)
    assert any(word.count("_") > 1 for word in whole.words)
