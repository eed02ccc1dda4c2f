"""Word vectors as a model that trains on an encoded corpus and answers questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, DataInfo, Model, RunHandle, Split
from nntasks.plugins.embeddings.question_answering import Answer, QuestionAnswerer
from nntasks.plugins.embeddings.safetensors_format import from_arrays, to_arrays
from nntasks.plugins.embeddings.subwords.vectors import SubwordVectors
from nntasks.plugins.embeddings.vector_files import write_vectors
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.config import Word2VecConfig
from nntasks.plugins.word2vec.speed import Speed
from nntasks.seeding import Seeds
from nntasks.training.device import resolve_device


class Word2VecModel(Model):
    """Input and output vectors of each word.

    Args:
        kind: "skipgram", "cbow" or "cbow_exact" (see `nntasks.ops.skipgram`).
        config: the task's keys.
        info: description of the data; its `vocabulary` is the number of words.
        seeds: the random streams of the run.

    Attributes:
        device: where it trains; "auto" is the CPU.

    Raises:
        UsageError: the device does not exist.
    """

    def __init__(self, kind: str, config: Word2VecConfig, info: DataInfo, seeds: Seeds) -> None:
        self.kind, self.config, self.info, self.seeds = kind, config, info, seeds
        self.device = resolve_device("cpu" if config.device == "auto" else config.device)
        self.vectors = KeyedVectors.of([], np.zeros((0, config.dim), np.float32))

    def fit(self, train: Split, *, validation: Split | None, run: RunHandle) -> None:
        """Train in the epoch loop (see `trainer`), which saves the vectors at its end."""
        from nntasks.plugins.word2vec.trainer import Word2VecTrainer
        from nntasks.training.epochs import EpochLoop

        EpochLoop(Word2VecTrainer(self, train, run), self.config, validation).run_to_end()

    @property
    def vectors(self) -> KeyedVectors:
        """The words and their vectors; none before the model is fitted or loaded."""
        return self._vectors

    @vectors.setter
    def vectors(self, vectors: KeyedVectors) -> None:
        self._vectors = vectors
        self._respondent = QuestionAnswerer(
            vectors, restrict=self.config.restrict, method=self.config.analogy
        )

    def predict(self, batch: Batch) -> list[Answer]:
        """Return the answers to the questions of the batch."""
        return self._respondent.answer(batch.inputs)

    def state(self) -> Mapping[str, Any]:
        """Return vectors, words, counts and output vectors, by the names used in vector files."""
        return to_arrays(self.vectors)

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restore what `state` returned.

        Raises:
            UsageError: the weights are not word vectors.
        """
        missing = {"vectors", "words"} - state.keys()
        if missing:
            raise UsageError(
                f"weights: expected word vectors, {' and '.join(sorted(missing))} is missing; name "
                "a run of word2vec or one of its files"
            )
        self.vectors = from_arrays({name: np.asarray(array) for name, array in state.items()})

    def save_files(self, run: RunHandle, speed: Speed) -> None:
        """Write the configured vector files and the speed of training into the run."""
        if run.workers.is_main:
            for suffix in self.config.save:
                write_vectors(self.vectors, run.folder.path / f"vectors.{suffix}")
            speed.write(run.folder)

    def parameter_count(self) -> int:
        """Return the number of parameters: input and output vectors, and those of n-grams.

        Those of n-grams are known, and counted, once it is trained.
        """
        words = len(self.vectors.words) or self.info.details.get("vocabulary", 0)
        table = self.vectors.table if isinstance(self.vectors, SubwordVectors) else None
        return (2 * words + (len(table.buckets) if table else 0)) * self.config.dim


@dataclass(frozen=True)
class Objective:
    """A training objective as a model entry, which is called to build the model.

    Attributes:
        kind: "skipgram", "cbow" or "cbow_exact" (see `nntasks.ops.skipgram`).
    """

    kind: str

    def __call__(self, config: Word2VecConfig, info: DataInfo, seeds: Seeds) -> Word2VecModel:
        return Word2VecModel(self.kind, config, info, seeds)


SKIPGRAM = Objective("skipgram")
CBOW = Objective("cbow")
CBOW_EXACT = Objective("cbow_exact")
