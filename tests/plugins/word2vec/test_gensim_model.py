"""`model=gensim_skipgram` against gensim itself."""

from __future__ import annotations

import numpy as np
import pytest
from small_word_runs import encoded_text, trained

from nntasks.errors import MissingError, UsageError
from nntasks.interfaces import DataInfo
from nntasks.plugins.word2vec.config import Word2VecConfig
from nntasks.plugins.word2vec.gensim_model import CBOW, SKIPGRAM
from nntasks.registry import table
from nntasks.runner import make_task
from nntasks.seeding import Seeds


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    return encoded_text(tmp_path_factory.mktemp("text"))


@pytest.mark.parametrize(("objective", "kind"), [(SKIPGRAM, "skipgram"), (CBOW, "cbow")])
def test_the_vectors_are_gensims_own(text, tmp_path, objective, kind):
    theirs = pytest.importorskip("gensim.models").Word2Vec
    encoded, lines = text
    model, _ = trained(objective, encoded, tmp_path / "runs", f"gensim_{kind}")
    words, corpus = set(encoded.corpus.words), tmp_path / "corpus.txt"
    kept = [[word for word in line.split() if word in words] for line in lines]
    corpus.write_text("".join(f"{' '.join(line)}\n" for line in kept))
    made = theirs(
        vector_size=12,
        alpha=0.025,
        min_alpha=0.025 * 0.004,
        window=3,
        negative=4,
        sample=1e-3,
        min_count=1,
        sg=int(kind == "skipgram"),
        workers=1,
        seed=1,
    )
    counts = dict(zip(encoded.corpus.words, encoded.corpus.counts.tolist(), strict=True))
    made.build_vocab_from_freq(counts, corpus_count=len(kept))
    made.train(
        corpus_file=str(corpus), total_examples=len(kept), total_words=len(encoded), epochs=2
    )
    for word in encoded.corpus.words:
        assert np.array_equal(model.vectors[word], made.wv[word])


class TestRefusals:
    @pytest.mark.parametrize(
        ("keys", "message"),
        [
            ({"clip_norm": 1.0}, "model=gensim_skipgram: gensim has nothing like clip_norm=1"),
            ({"together": 2}, "nothing like together=2 in its Word2Vec; leave it out"),
            ({"max_n": 6}, "nothing like max_n=6 in its Word2Vec; leave it out"),
            ({"max_n": 5}, "gensim has nothing like max_n=5"),
            ({"device": "cuda"}, "gensim trains on the CPU, got device=cuda"),
        ],
    )
    def test_keys_that_gensim_lacks(self, keys, message):
        with pytest.raises(UsageError, match=message):
            SKIPGRAM(Word2VecConfig(**keys), DataInfo(), Seeds(0))

    def test_gensim_is_not_installed(self, monkeypatch):
        monkeypatch.setattr(table, "_installed", lambda package: package != "gensim")
        with pytest.raises(MissingError, match=r"needs gensim, not installed here; run: .* gensim"):
            make_task("word2vec", [{"model": "gensim_skipgram"}])
