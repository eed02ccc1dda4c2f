"""Word vectors by negative sampling: the announcement."""

from __future__ import annotations

from collections.abc import Iterable

from nntasks.hookspecs import Entry, hookimpl

_HERE = "nntasks.plugins.word2vec"
_TASK = ("word2vec",)


@hookimpl
def register_tasks() -> Iterable[Entry]:
    return [
        Entry(
            "word2vec",
            f"{_HERE}.task:Word2Vec",
            "word vectors by negative sampling: skip-gram and CBOW, analogies, similarity",
        )
    ]


@hookimpl
def register_models() -> Iterable[Entry]:
    return [
        Entry(
            "skipgram",
            f"{_HERE}.model:SKIPGRAM",
            "a word predicts each word around it",
            _TASK,
        ),
        Entry(
            "cbow",
            f"{_HERE}.model:CBOW",
            "the mean of the words around it predicts a word, as in word2vec.c",
            _TASK,
        ),
        Entry(
            "cbow_exact",
            f"{_HERE}.model:CBOW_EXACT",
            "the same with the gradient of a mean (Irsoy et al. 2021)",
            _TASK,
        ),
    ]


@hookimpl
def register_datasets() -> Iterable[Entry]:
    return [
        Entry(
            "planted",
            f"{_HERE}.data.planted:Planted",
            "a generated corpus with relations that must be found",
            (*_TASK, "embedding_analysis"),
        ),
        Entry(
            "wikipedia",
            f"{_HERE}.data.wikipedia:Wikipedia",
            "17 million words of Wikipedia, normalised like text8",
            _TASK,
        ),
        Entry("text", f"{_HERE}.data.files:TextFiles", "text files of your own", _TASK),
    ]
