"""Word vectors by gensim, on the same encoded corpus and with the same keys, to compare with.

R. Řehůřek, P. Sojka, "Software framework for topic modelling with large corpora", LREC 2010
workshop. gensim is optional; the registry asks for it by name.
"""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import PluginError, UsageError
from nntasks.interfaces import DataInfo, RunHandle, Split
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.config import Word2VecConfig
from nntasks.plugins.word2vec.corpus import EncodedCorpus
from nntasks.plugins.word2vec.model import Word2VecModel
from nntasks.plugins.word2vec.speed import Speed
from nntasks.plugins.word2vec.texts import EncodedText
from nntasks.seeding import Seeds

# Keys that gensim's Word2Vec has no counterpart for, with the values that mean the same to both.
_WITHOUT = {"clip_value": 0.0, "clip_norm": 0.0, "together": 1, "max_n": 0}


class GensimModel(Word2VecModel):
    """Vectors that gensim trains; all else, questions and files too, is that of our own.

    gensim reads a file of sentences without Python's lock, its fastest way. With more than one
    thread it is not reproducible. A run that is resumed begins again, as gensim keeps no
    checkpoints.
    """

    def fit(self, train: Split, *, validation: Split | None, run: RunHandle) -> None:
        """Train for all epochs.

        Raises:
            UsageError: the keys ask for what gensim does not do.
            PluginError: `train` is not an `EncodedText`.
        """
        if not isinstance(train, EncodedText):
            raise PluginError(f"expected an EncodedText to train on, got {type(train).__name__}")
        if run.workers.size > 1:
            raise UsageError(f"{self._named}: gensim trains in one process, got --nproc")
        corpus = train.corpus
        with tempfile.TemporaryDirectory() as folder, run.stopping_politely():
            text = Path(folder) / "sentences.txt"
            _write_sentences(corpus, text)
            trained, seconds = self._train(corpus, text)
        speed = Speed(len(train) * self.config.epochs, seconds)
        run.say(f"gensim trained {self.config.epochs} epochs  {speed}")
        self.vectors = _vectors_of(trained, corpus)
        self.save_files(run, speed)

    @property
    def _named(self) -> str:
        return f"model=gensim_{self.kind}"

    def _train(self, corpus: EncodedCorpus, text: Path) -> tuple[Any, float]:
        """Return gensim's model and the seconds of training, without counting words."""
        from gensim.models import Word2Vec

        config = self.config
        made = Word2Vec(
            vector_size=config.dim,
            alpha=config.lr,
            min_alpha=config.lr * config.lr_final,
            window=config.window,
            negative=config.negatives,
            ns_exponent=config.noise_power,
            sample=config.subsample,
            min_count=1,  # rare words are gone already
            sg=int(self.kind == "skipgram"),
            workers=config.threads or os.cpu_count() or 1,
            seed=config.seed + 1,
        )
        counts = dict(zip(corpus.words, np.asarray(corpus.counts).tolist(), strict=True))
        made.build_vocab_from_freq(counts, corpus_count=len(corpus.sentences) - 1)
        started = time.monotonic()
        made.train(
            corpus_file=str(text),
            total_examples=made.corpus_count,
            total_words=len(corpus.tokens),
            epochs=config.epochs,
        )
        return made, time.monotonic() - started


def _write_sentences(corpus: EncodedCorpus, path: Path) -> None:
    """Write the encoded corpus as text, a sentence a line."""
    bounds = np.asarray(corpus.sentences)
    with path.open("w", encoding="utf-8") as file:
        for start, end in itertools.pairwise(bounds):
            numbers = corpus.numbers(int(start), int(end))
            file.write(" ".join(corpus.words[number] for number in numbers) + "\n")


def _vectors_of(made: Any, corpus: EncodedCorpus) -> KeyedVectors:
    """Return gensim's vectors in the order of our words."""
    order = [made.wv.key_to_index[word] for word in corpus.words]
    return KeyedVectors.of(
        corpus.words, made.wv.vectors[order], np.asarray(corpus.counts), made.syn1neg[order]
    )


@dataclass(frozen=True)
class GensimObjective:
    """A training objective of gensim as a model entry.

    Attributes:
        kind: "skipgram" or "cbow".
    """

    kind: str

    def __call__(self, config: Word2VecConfig, info: DataInfo, seeds: Seeds) -> GensimModel:
        given: Mapping[str, Any] = config.model_dump()
        for key, usual in _WITHOUT.items():
            if given[key] != usual:
                raise UsageError(
                    f"model=gensim_{self.kind}: gensim has nothing like {key}={given[key]:g} "
                    "in its Word2Vec; leave it out"
                )
        if config.device not in ("auto", "cpu"):
            raise UsageError(
                f"model=gensim_{self.kind}: gensim trains on the CPU, got device={config.device}"
            )
        return GensimModel(self.kind, config, info, seeds)


SKIPGRAM = GensimObjective("skipgram")
CBOW = GensimObjective("cbow")
