"""Word vectors, their file formats, and the questions that evaluate them.

Data sets and a metric, shared by the tasks on word vectors; there is no task here.
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
            "analogy accuracy, rank correlation of word pairs, and coverage",
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
            "your own analogy and word pair files",
            TASKS,
        ),
    ]
