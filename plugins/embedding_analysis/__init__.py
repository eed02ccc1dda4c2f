"""Registers `embedding_analysis`: the analysis of trained word vectors."""

from __future__ import annotations

from collections.abc import Iterable

from nntasks.hookspecs import Entry, hookimpl

_HERE = "nntasks.plugins.embedding_analysis"
_TASK = ("embedding_analysis",)


@hookimpl
def register_tasks() -> Iterable[Entry]:
    return [
        Entry(
            "embedding_analysis",
            f"{_HERE}.task:EmbeddingAnalysis",
            "analysis of word vectors: neighbours, analogies, similarity, geometry, maps",
            scorer="nntasks.plugins.embedding_analysis.vector_scoring:VectorScorer",
        )
    ]


@hookimpl
def register_models() -> Iterable[Entry]:
    return [
        Entry("vectors", f"{_HERE}.model:build", "word vectors of runs or files", _TASK),
    ]


@hookimpl
def register_datasets() -> Iterable[Entry]:
    return [
        Entry(
            "no_questions",
            f"{_HERE}.no_questions:NoQuestions",
            "no questions: geometry, neighbours and maps only",
            _TASK,
        ),
    ]
