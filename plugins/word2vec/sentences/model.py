"""`Word2Vec` with gensim's names, trained by the kernel of this project."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks.errors import RunFailed, UsageError
from nntasks.machine.forked import allowed_cores
from nntasks.plugins.embeddings.keyed.errors import (
    NotOffered,
    RemovedName,
    WrongType,
    WrongValue,
)
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.sentences import model_files, texts
from nntasks.plugins.word2vec.sentences.options import Options, parse
from nntasks.plugins.word2vec.sentences.passes import Schedule, Training
from nntasks.plugins.word2vec.sentences.prediction import Prediction
from nntasks.plugins.word2vec.sentences.vocabulary import add_words, chosen_words, new_vectors
from nntasks.plugins.word2vec.trainer import torch_threads

if TYPE_CHECKING:
    from typing_extensions import Self

_LOG = logging.getLogger(__name__)


class NoVocabulary(UsageError, RuntimeError):
    """Training was asked for before there are words."""


class Word2Vec(Prediction):
    """Word vectors of sentences.

    Args:
        sentences: a list of sentences, each a list of words; or an iterable of them that can be
            read again, which is read once to count and once an epoch. None to train later.
        corpus_file: a text file instead, a sentence a line.
        vector_size, alpha, window, min_count: see `Options`.
        options: the other fields of `Options`, `callbacks`, and what gensim has besides, which is
            accepted where it cannot change the result and refused by name where it would.

    Attributes:
        wv: the words and their vectors.
        options: how it trains.
        corpus_count, corpus_total_words: sentences and words of the text that was counted last.

    Raises:
        NotOffered: an option of gensim that the kernel does not have, such as `hs=1`.
        WrongValue: a value is out of range.
        WrongType: sentences are no lists of words, or cannot be read again.
        NoVocabulary: no word is frequent enough.
    """

    kind: type[Options] = Options  # the class of its options

    def __init__(
        self,
        sentences: Any = None,
        corpus_file: str | Path | None = None,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        **options: Any,
    ) -> None:
        callbacks = options.pop("callbacks", ())
        named = {
            "vector_size": vector_size,
            "alpha": alpha,
            "window": window,
            "min_count": min_count,
        }
        self.options = parse({**named, **options}, self.kind, type(self).__name__)
        self.wv = self._no_vectors()
        self.corpus_count = self.corpus_total_words = self.train_count = 0
        self._loss = 0.0
        text = texts.given(sentences, corpus_file)
        if text is not None:
            self._count(text, update=False)
            self._train(text, self._schedule(text, self.options.epochs), callbacks)

    def build_vocab(
        self,
        corpus_iterable: Any = None,
        corpus_file: str | Path | None = None,
        update: bool = False,
        progress_per: int = 10000,
        keep_raw_vocab: bool = False,
        trim_rule: Any = None,
        **rest: Any,
    ) -> None:
        """Count the words of a text, and give those that are frequent enough a vector.

        Args:
            corpus_iterable, corpus_file: the text, as in the constructor.
            update: keep the words and vectors there are; new words are added, known ones counted.
            progress_per, keep_raw_vocab: without effect.
            trim_rule: see `Options`.
            rest: other options to change, by name.
        """
        text = texts.required(corpus_iterable, corpus_file)
        changed = {**rest, **({} if trim_rule is None else {"trim_rule": trim_rule})}
        if changed:
            self.options = replace(self.options, **changed)
        self._count(text, update)

    def build_vocab_from_freq(
        self,
        word_freq: Mapping[str, int],
        keep_raw_vocab: bool = False,
        corpus_count: int | None = None,
        trim_rule: Any = None,
        update: bool = False,
    ) -> None:
        """Give words a vector by counts from elsewhere; arguments as for `build_vocab`."""
        if trim_rule is not None:
            self.options = replace(self.options, trim_rule=trim_rule)
        self._choose(word_freq, update)
        self.corpus_count = corpus_count or 0
        self.corpus_total_words = sum(word_freq.values())

    def _no_vectors(self) -> KeyedVectors:
        return KeyedVectors(self.options.vector_size)

    def _new_vectors(self, words: Mapping[str, int]) -> KeyedVectors:
        return new_vectors(words, self.options)

    def _add_words(self, words: Mapping[str, int]) -> None:
        add_words(self.wv, words, self.options)

    def _training(self) -> Training:
        return Training(self.wv, self.options, self.train_count)

    def _count(self, text: texts.Text, update: bool) -> None:
        self._choose(text.counts, update)
        self.corpus_count, self.corpus_total_words = text.sentences, text.words

    def _choose(self, counts: Mapping[str, int], update: bool) -> None:
        if update and not len(self.wv):
            raise NoVocabulary(
                "build_vocab(update=True) adds to words; build them first without it"
            )
        words = chosen_words(counts, self.options)
        if update:
            self._add_words(words)
            return
        if len(words) < 2:
            raise NoVocabulary(
                f"expected at least two different words that occur min_count="
                f"{self.options.min_count} times or more, got {len(words)} of {len(counts)}"
            )
        self.wv = self._new_vectors(words)

    def train(
        self,
        corpus_iterable: Any = None,
        corpus_file: str | Path | None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        **rest: Any,
    ) -> tuple[int, int]:
        """Train on a text, from the vectors there are.

        Args:
            corpus_iterable, corpus_file: the text, as in the constructor.
            total_examples, total_words: sentences or words of a pass, by which the rate falls.
            epochs: number of passes.
            start_alpha: learning rate at the start; that of the options if omitted.
            rest: `end_alpha`, `compute_loss`, `callbacks`; `word_count`, `queue_factor` and
                `report_delay` are without effect.

        Returns:
            The words trained on after subsampling, and the words read, over all passes.

        Raises:
            NoVocabulary: there are no words yet.
            WrongValue: neither total is given, or `epochs` is missing.
        """
        known = {"end_alpha", "compute_loss", "callbacks"}
        known |= {"word_count", "queue_factor", "report_delay"}
        wrong = next((name for name in rest if name not in known), None)
        if wrong is not None:
            raise WrongType(f"train: expected {', '.join(sorted(known))}, got {wrong!r}")
        if not len(self.wv):
            raise NoVocabulary("you must first build the vocabulary: build_vocab(sentences)")
        if not epochs:
            raise WrongValue("train: give epochs=, usually model.epochs")
        total = total_examples or total_words
        if not total:
            raise WrongValue("train: give total_examples=, usually model.corpus_count")
        text = texts.required(corpus_iterable, corpus_file)
        if "compute_loss" in rest:
            self.options = replace(self.options, compute_loss=bool(rest["compute_loss"]))
        start = self.options.alpha if start_alpha is None else start_alpha
        end = rest.get("end_alpha")
        end = self.options.min_alpha if end is None else end
        schedule = Schedule(start, end, int(epochs), int(total), bool(total_examples))
        return self._train(text, schedule, rest.get("callbacks", ()))

    def _schedule(self, text: texts.Text, epochs: int) -> Schedule:
        return Schedule(self.options.alpha, self.options.min_alpha, epochs, text.words, False)

    def _train(
        self, text: texts.Text, schedule: Schedule, callbacks: Iterable[Any]
    ) -> tuple[int, int]:
        called = list(callbacks)
        training = self._training()
        trained, read, self._loss = 0, 0, 0.0
        places = self.wv.key_to_index
        self._tell(called, "on_train_begin")
        # OMP_NUM_THREADS is no limit: scripts that ask for workers set it for the BLAS.
        with torch_threads(min(self.options.workers, allowed_cores())):
            for epoch in range(schedule.epochs):
                self._tell(called, "on_epoch_begin")
                started = time.monotonic()
                counts, words = training.one_pass(text, places, schedule, epoch)
                if not math.isfinite(float(counts.loss)):
                    raise RunFailed(
                        f"the loss of epoch {epoch + 1} is not finite; the vectors are those of "
                        "the epoch before; try a lower alpha"
                    )
                training.store()
                self._loss += float(counts.loss)
                speed = words / max(time.monotonic() - started, 1e-9)
                mean = float(counts.loss) / max(float(counts.pairs), 1)
                _LOG.info("epoch %d: loss %.6f, %.0f words/s", epoch + 1, mean, speed)
                trained, read = trained + int(counts.centres), read + words
                self._tell(called, "on_epoch_end")
        self.train_count += 1
        self._tell(called, "on_train_end")
        return trained, read

    def _tell(self, callbacks: Iterable[Any], event: str) -> None:
        for callback in callbacks:
            if (told := getattr(callback, event, None)) is not None:
                told(self)

    def get_latest_training_loss(self) -> float:
        """Return the loss of the last call of `train` so far, summed over all pairs, in nats.

        0 unless `compute_loss` is set.
        """
        return self._loss if self.options.compute_loss else 0.0

    def save(self, fname: str | Path) -> None:
        """Save vectors, counts, output vectors and options as safetensors; nothing is pickled.

        `trim_rule` is code, and is not saved.
        """
        stored = {"options": self.options.stored(), "train_count": self.train_count}
        stored |= {"corpus": [self.corpus_count, self.corpus_total_words]}
        stored |= {"class": type(self).__name__}
        model_files.write(self.wv, stored, Path(fname))

    @classmethod
    def load(cls, fname: str | Path) -> Self:
        """Load what `save` saved; training goes on from there.

        Raises:
            NoFile: there is no such file.
            UsageError: it is no model that `save` of this class wrote.
        """
        wv, stored = model_files.read(Path(fname), cls.__name__)
        model = cls(**stored["options"])
        model.wv, model.train_count = wv, stored["train_count"]
        model.corpus_count, model.corpus_total_words = stored["corpus"]
        return model

    def score(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: it needs hierarchical softmax, as in gensim."""
        raise NotOffered("score is not offered: it needs hierarchical softmax (hs=1)")

    def __str__(self) -> str:
        one = self.options
        return (
            f"{type(self).__name__}<vocab={len(self.wv)}, vector_size={one.vector_size}, "
            f"alpha={one.alpha}>"
        )

    def __getattr__(self, name: str) -> Any:
        options = self.__dict__.get("options")
        if options is not None and name in self.kind.__dataclass_fields__:
            return getattr(options, name)
        moved = "; use model.wv" if hasattr(KeyedVectors, name) else ""
        raise RemovedName(f"{type(self).__name__!r} object has no attribute {name!r}{moved}")
