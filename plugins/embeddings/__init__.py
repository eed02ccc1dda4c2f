"""Words as vectors, their files, and the questions that they are judged by.

Data sets and a metric, no task: what the tasks about words share.
"""

from __future__ import annotations

from collections.abc import Iterable

from nntasks.hookspecs import Entry, hookimpl

_HERE = "nntasks.plugins.embeddings"
TASKS = ("embedding_analysis",)


@hookimpl
def register_metrics() -> Iterable[Entry]:
    return [
        Entry(
            "questions",
            f"{_HERE}.metric:build",
            "share of right analogies, rank correlation of word pairs, how many are covered",
            ("word2vec", *TASKS),
        )
    ]


@hookimpl
def register_datasets() -> Iterable[Entry]:
    return [
        Entry(
            "embedding_eval",
            f"{_HERE}.data:EmbeddingEval",
            "Google analogies, WordSim-353, SimLex-999",
            TASKS,
        ),
        Entry(
            "question_files",
            f"{_HERE}.data:QuestionFiles",
            "your own analogies and word pairs",
            TASKS,
        ),
    ]
