"""What finished word vectors hold: the announcement."""

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
            "what word vectors hold: neighbours, analogies, similarity, geometry, maps",
        )
    ]


@hookimpl
def register_models() -> Iterable[Entry]:
    return [
        Entry("vectors", f"{_HERE}.model:build", "word vectors of a run or of files", _TASK),
    ]


@hookimpl
def register_datasets() -> Iterable[Entry]:
    return [
        Entry(
            "no_questions",
            f"{_HERE}.no_questions:NoQuestions",
            "ask nothing: geometry, neighbours and maps alone",
            _TASK,
        ),
    ]
