"""One or several sets of vectors as a model; the first set answers questions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.interfaces import Batch, DataInfo, Model, RunHandle, Split
from nntasks.machine.copy_ahead import Ahead
from nntasks.plugins.embedding_analysis.config import AnalysisConfig
from nntasks.plugins.embedding_analysis.default_vectors import train_vectors, training_task
from nntasks.plugins.embedding_analysis.maps.layouts import import_tsne
from nntasks.plugins.embeddings.question_answering import Answer, QuestionAnswerer
from nntasks.plugins.embeddings.safetensors_format import from_arrays, to_arrays
from nntasks.plugins.embeddings.vector_files import find_vectors, read_vectors
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.seeding import Seeds

DEFAULT_NAME = "vectors of the generated corpus"


class VectorsModel(Model):
    """Sets of vectors by name.

    Args:
        config: the task's keys.
        sets: vectors by name, first the analysed set; empty before `fit`.
        info: description of the training text.

    Attributes:
        ahead: a copy of the process that imports t-SNE's library while vectors are trained.
    """

    name = "vectors"

    def __init__(
        self, config: AnalysisConfig, sets: Mapping[str, KeyedVectors], info: DataInfo | None = None
    ) -> None:
        self.config = config
        self.info = info or DataInfo()
        self.ahead: Ahead | None = None
        self._set(sets)

    def _set(self, sets: Mapping[str, KeyedVectors]) -> None:
        self.sets = dict(sets)
        self._respondent: QuestionAnswerer | None = None

    @property
    def vectors(self) -> KeyedVectors:
        """The analysed vectors."""
        return next(iter(self.sets.values()))

    def fit(self, train: Split, *, validation: Split | None, run: RunHandle) -> None:
        """Train the default vectors."""
        config = self.config
        if "tsne" in config.maps and run.workers.is_main:
            self.ahead = Ahead(import_tsne)
        run.say("no vectors= given: training vectors on the generated corpus first")
        task = training_task(config.data, config.data_options, config.seed)
        self._set({DEFAULT_NAME: train_vectors(task, train, self.info, run)})

    def predict(self, batch: Batch) -> list[Answer]:
        """Return the answers to the questions of the batch."""
        if self._respondent is None:
            self._respondent = QuestionAnswerer(
                self.vectors, restrict=self.config.restrict, method=self.config.analogy
            )
        return self._respondent.answer(batch.inputs)

    def state(self) -> Mapping[str, Any]:
        """Return the analysed vectors, by the names used in vector files."""
        return to_arrays(self.vectors) if self.sets else {}

    def parameter_count(self) -> int:
        """Return the number of values in the analysed vectors."""
        return math.prod(self.vectors.matrix.shape) if self.sets else 0

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore what `state` returned."""
        arrays = {name: np.asarray(array) for name, array in state.items()}
        self._set({DEFAULT_NAME: from_arrays(arrays)})


def build(config: AnalysisConfig, info: DataInfo, seeds: Seeds) -> VectorsModel:
    """Build a model without vectors."""
    return VectorsModel(config, {}, info)


def read_sets(config: AnalysisConfig, paths: Sequence[Path]) -> VectorsModel:
    """Read vector files; each is named after its run or file, or its path if names collide.

    Raises:
        UsageError: a file cannot be read (see `read_vectors`).
    """
    files = [find_vectors(path) for path in paths]
    names = [_name(path, file) for path, file in zip(paths, files, strict=True)]
    if len(set(names)) < len(names):
        names = [f"{number}: {path}" for number, path in enumerate(paths, 1)]
    read = [
        read_vectors(
            file,
            memory_map=True,
            limit=config.vocabulary,
            encoding=config.encoding,
            errors=config.errors,
            counts=config.counts if place == 0 else None,
        )
        for place, file in enumerate(files)
    ]
    return VectorsModel(config, dict(zip(names, read, strict=True)))


def _name(path: Path, file: Path) -> str:
    if path.is_dir():
        return path.resolve().name
    return (
        file.resolve().parents[2].name
        if file.parts[-3:-1] == ("checkpoints", "final")
        else file.name
    )
