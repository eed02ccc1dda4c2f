"""Registers `word2vec`: word vectors by negative sampling.

`Word2Vec`, `FastText`, `KeyedVectors`, `load_facebook_model` and `load_facebook_vectors`, with
gensim's names, are imported from here; each when it is used.
"""

from __future__ import annotations

from collections.abc import Iterable

from nntasks.hookspecs import Entry, hookimpl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nntasks.plugins.embeddings.vectors import KeyedVectors
    from nntasks.plugins.word2vec.facebook_files import load_facebook_model, load_facebook_vectors
    from nntasks.plugins.word2vec.sentences.fasttext import FastText
    from nntasks.plugins.word2vec.sentences.model import Word2Vec

__all__ = [
    "FastText",
    "KeyedVectors",
    "Word2Vec",
    "load_facebook_model",
    "load_facebook_vectors",
]

_HERE = "nntasks.plugins.word2vec"
_TASK = ("word2vec",)


@hookimpl
def register_tasks() -> Iterable[Entry]:
    return [
        Entry(
            "word2vec",
            f"{_HERE}.task:Word2VecTask",
            "word vectors by negative sampling: skip-gram and CBOW, analogies, similarity",
            comparison=f"{_HERE}.comparing:tables",
        )
    ]


@hookimpl
def register_models() -> Iterable[Entry]:
    return [
        Entry(
            "skipgram",
            f"{_HERE}.model:SKIPGRAM",
            "skip-gram: a word predicts each word around it",
            _TASK,
        ),
        Entry(
            "cbow",
            f"{_HERE}.model:CBOW",
            "CBOW as in word2vec.c: the mean of the context predicts a word",
            _TASK,
        ),
        Entry(
            "cbow_exact",
            f"{_HERE}.model:CBOW_EXACT",
            "CBOW with the exact gradient of the mean (Irsoy et al. 2021)",
            _TASK,
        ),
        *(
            Entry(
                f"gensim_{kind}",
                f"{_HERE}.gensim_model:{kind.upper()}",
                f"{name} trained by gensim with the same keys, to compare with",
                _TASK,
                requires=("gensim",),
            )
            for kind, name in (("skipgram", "skip-gram"), ("cbow", "CBOW"))
        ),
    ]


@hookimpl
def register_datasets() -> Iterable[Entry]:
    return [
        Entry(
            "planted",
            f"{_HERE}.data.planted:Planted",
            "a generated corpus with planted relations",
            (*_TASK, "embedding_analysis"),
        ),
        Entry(
            "wikipedia",
            f"{_HERE}.data.wikipedia:Wikipedia",
            "17 million words of Wikipedia, normalised as in text8",
            _TASK,
        ),
        Entry("text", f"{_HERE}.data.files:TextFiles", "your own text files", _TASK),
    ]


if not TYPE_CHECKING:  # otherwise a type checker would treat every name as Any

    def __getattr__(name: str) -> object:
        if name == "KeyedVectors":
            from nntasks.plugins.embeddings.vectors import KeyedVectors

            return KeyedVectors
        if name == "Word2Vec":
            from nntasks.plugins.word2vec.sentences.model import Word2Vec

            return Word2Vec
        if name == "FastText":
            from nntasks.plugins.word2vec.sentences.fasttext import FastText

            return FastText
        if name in ("load_facebook_model", "load_facebook_vectors"):
            from nntasks.plugins.word2vec import facebook_files

            return getattr(facebook_files, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
