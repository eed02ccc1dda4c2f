"""Analyses of small sets of vectors, without files and runs."""

from __future__ import annotations

import numpy as np
from word_samples import related_vectors

from nntasks.plugins.embedding_analysis.analysis import Analysis
from nntasks.plugins.embedding_analysis.config import AnalysisConfig
from nntasks.plugins.embedding_analysis.model import VectorsModel
from nntasks.plugins.embeddings.questions import Question, analogies
from nntasks.plugins.embeddings.vectors import KeyedVectors

ROWS = [(f"LEFT{n}", f"right{n}", f"LEFT{n + 1}", f"right{n + 1}") for n in range(11)]


def config(**keys: object) -> AnalysisConfig:
    """Return keys under which an analysis takes little time."""
    quick = {"resamples": 100, "permutations": 100, "neighbours": 4, "maps": ("pca",)}
    return AnalysisConfig(**{**quick, **keys})


def analysis(*, sets: int = 1, questions: bool = True, **keys: object) -> Analysis:
    """Return the analysis of one set of vectors, or of it, itself turned, and noise."""
    plain = related_vectors(noise=0.3)
    counts = np.arange(len(plain), 0, -1) * 10
    first = KeyedVectors.of(plain.words, plain.matrix, counts)
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(plain.dim, plain.dim)))[0]
    noise = np.random.default_rng(6).normal(size=plain.matrix.shape).astype(np.float32)
    known = {
        "first": first,
        "turned": KeyedVectors.of(plain.words, (plain.matrix @ turn).astype(np.float32)),
        "noise": KeyedVectors.of(plain.words, noise),
    }
    chosen = dict(list(known.items())[:sets])
    asked: list[Question] = [*analogies("sides", ROWS)] if questions else []
    made = config(**keys)
    return Analysis(VectorsModel(made, chosen), asked, made)
