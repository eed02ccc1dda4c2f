"""Train word vectors with ours and with gensim: the same text and settings, each at its best.

gensim reads a `corpus_file` without Python's lock, and sentences through Python; words are counted
beforehand.
"""

from __future__ import annotations

import lzma
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from data_folder import data_folder

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

LINE = 1000  # words; a line is a sentence for both
SETTINGS = {"window": 5, "negatives": 5, "min_count": 5, "subsample": 1e-3}


def wikipedia() -> Path:
    """Return the packed text in the data folder."""
    return data_folder() / "text8" / "enwiki_text8style.xz"


def write_lines(target: Path, words: int | None) -> int:
    """Write the first words of the text (None for all) as lines of LINE words; return how many."""
    with lzma.open(wikipedia(), "rt") as file:
        text = file.read().split()[:words]
    with open(target, "w", encoding="utf-8") as out:
        for start in range(0, len(text), LINE):
            out.write(" ".join(text[start : start + LINE]) + "\n")
    return len(text)


def train_ours(text: Path, folder: Path, **keys: Any) -> Any:
    """Train a model on a text as a run does; return it. The encoded text stays in `folder`."""
    from nntasks.interfaces import DataInfo
    from nntasks.machine.distributed import ALONE
    from nntasks.plugins.word2vec.config import Word2VecConfig
    from nntasks.plugins.word2vec.corpus import CorpusOptions, encode
    from nntasks.plugins.word2vec.model import Word2VecModel
    from nntasks.plugins.word2vec.texts import EncodedText
    from nntasks.run_folder import RunFolder
    from nntasks.runner.handle import Run
    from nntasks.seeding import Seeds

    config = Word2VecConfig(**{"checkpoint_seconds": 1e9, "save": (), **SETTINGS, **keys})
    seeds = Seeds(config.seed)
    corpus = encode([text], folder, CorpusOptions(min_count=config.min_count))
    model = Word2VecModel(config.model, config, DataInfo(), seeds)
    with tempfile.TemporaryDirectory() as out:
        run = Run(RunFolder.create(Path(out), "bench", {}, {}), seeds, ALONE, {}, (), 32, True)
        model.fit(EncodedText(corpus), validation=None, run=run)
    return model


def train_gensim(
    text: Path, model: str, workers: int, seed: int, epochs: int, by_file: bool
) -> Any:
    """Train gensim's model with the same settings; return its vectors."""
    return gensim_with_words(text, model, workers, seed, by_file)(epochs).wv


def gensim_with_words(
    text: Path, model: str, workers: int, seed: int = 0, by_file: bool = True
) -> Callable[[int], Any]:
    """Count the words, and return a function that trains for some epochs."""
    from gensim.models import Word2Vec
    from gensim.models.word2vec import LineSentence

    built = Word2Vec(
        vector_size=100,
        window=SETTINGS["window"],
        negative=SETTINGS["negatives"],
        min_count=SETTINGS["min_count"],
        sample=SETTINGS["subsample"],
        sg=model == "skipgram",
        workers=workers,
        seed=seed + 1,
    )
    read = {"corpus_file": str(text)} if by_file else {"corpus_iterable": LineSentence(str(text))}
    built.build_vocab(**read)

    def train(epochs: int) -> Any:
        built.train(
            **read,
            total_words=built.corpus_total_words,
            total_examples=built.corpus_count,
            epochs=epochs,
        )
        return built

    return train


def enter_ours(text: str, folder: str, model: str, mode: str) -> dict[str, Callable[[Any], Any]]:
    """Contender: one epoch of ours."""
    keys = {"model": model, "mode": mode, "epochs": 1}
    train_ours(Path(text), Path(folder), **keys)  # encodes the text
    return {"epoch": lambda _: (train_ours(Path(text), Path(folder), **keys), None)[1]}


def enter_gensim(text: str, model: str, workers: int) -> dict[str, Callable[[Any], Any]]:
    """Contender: one epoch of gensim's."""
    train = gensim_with_words(Path(text), model, workers)
    return {"epoch": lambda _: (train(1), None)[1]}


def scores(vectors: Any, questions: list[Any]) -> dict[str, float]:
    """Return the scores of vectors: `analogies`, `wordsim353`, `simlex999`."""
    from nntasks.plugins.embeddings.metric import QuestionMetric
    from nntasks.plugins.embeddings.question_answering import answer
    from nntasks.plugins.embeddings.questions import question_info

    details = question_info(questions).details
    metric = QuestionMetric(details["sections"], details["sets"])
    predictions = answer(vectors, questions)
    metric.update(predictions, [q.expected for q in questions], [q.id for q in questions])
    names = ("wordsim353", "simlex999", "analogies")
    return {name: metric.compute()[name] for name in names}


def from_gensim(keyed: Any) -> Any:
    """Convert gensim's vectors to ours, so that the same code evaluates both."""
    from nntasks.plugins.embeddings.vectors import KeyedVectors

    return KeyedVectors.of(list(keyed.index_to_key), np.asarray(keyed.vectors))
