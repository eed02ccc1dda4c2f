"""Training over a corpus in pieces: what a piece does follows from (seed, epoch, place) alone.

With one process a piece follows the other. Several processes take pieces in turns, and average
their vectors after every few (`average_words`); what they learn is not what one would learn, but
the same every time in mode=ordered.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import numpy as np
import torch

from nntasks.errors import PluginError
from nntasks.interfaces import RunHandle, Split
from nntasks.ops import AliasTable, skipgram
from nntasks.plugins.embeddings.vector_files import write_vectors
from nntasks.plugins.embeddings.vectors import WordVectors
from nntasks.plugins.word2vec.averaging import average
from nntasks.plugins.word2vec.model import Word2VecModel
from nntasks.plugins.word2vec.texts import EncodedText

PIECE = 1 << 17  # words that are trained on between checks, checkpoints and progress
ROWS_PER_EPOCH = 20  # training rows in metrics.jsonl
_COLUMNS = 16  # the kernels want a multiple of so many
_COUNTS = ("loss", "pairs", "centres", "gradients", "clipped")


@dataclass
class Progress:
    """How far the training has come; kept in checkpoints.

    Attributes:
        epoch: finished ones.
        round: rounds of pieces done in this epoch.
        step: rounds in all.
        rows: of metrics.jsonl.
        epoch_sums, row_sums: loss, pairs, centres, gradients and clipped ones since the epoch or
            the last row began.
    """

    epoch: int = 0
    round: int = 0
    step: int = 0
    rows: int = 0
    epoch_sums: list[float] = field(default_factory=lambda: [0.0] * len(_COUNTS))
    row_sums: list[float] = field(default_factory=lambda: [0.0] * len(_COUNTS))


def keep_thresholds(counts: np.ndarray, share: float) -> np.ndarray:
    """Return how many of 2^32 occurrences of each word are kept, (V,) int64.

    A word that makes up f of the text is kept with probability sqrt(t / f) + t / f, t = `share`:
    the rule of word2vec.c (the paper has the first term alone).
    """
    if not share:
        return np.full(len(counts), 1 << 32)
    odds = share * counts.sum() / counts
    return np.minimum((np.sqrt(odds) + odds) * 2.0**32, 2.0**32).astype(np.int64)


class Training:
    """One training of one model."""

    def __init__(
        self, model: Word2VecModel, train: Split, validation: Split | None, run: RunHandle
    ) -> None:
        if not isinstance(train, EncodedText):
            raise PluginError(f"expected an EncodedText to train on, got {type(train).__name__}")
        self.model, self.run, self.config = model, run, model.config
        self._text, self._validation = train, validation
        self.device = model.device
        self.progress = Progress()
        size = -(-len(train) // PIECE)
        workers = run.workers.size
        together = 1 if workers == 1 else max(1, self.config.average_words // PIECE)
        self._pieces, self._together = size, together
        self.rounds = -(-size // (together * workers))

    def run_to_end(self) -> None:
        """Train until the last epoch, from the newest checkpoint if there is one."""
        with self.run.stopping_politely(), _threads(self.config.threads):
            self._set_up()
            while self.progress.epoch < self.config.epochs:
                self._train_epoch()
        self.model.vectors = self._vectors()
        if self.run.workers.is_main:
            for suffix in self.config.save:
                write_vectors(self.model.vectors, self.run.folder.path / f"vectors.{suffix}")

    def _set_up(self) -> None:
        corpus, config, device = self._text.corpus, self.config, self.device
        counts = np.asarray(corpus.counts)
        self._noise = AliasTable(torch.from_numpy(counts**config.noise_power).to(device))
        self._keep = torch.from_numpy(keep_thresholds(counts, config.subsample)).to(device)
        self.inputs, self.outputs = self._first_vectors()
        checkpoint = self.run.checkpoints.latest()
        if checkpoint is None:
            self.run.rewind(0)
            self.run.say(
                f"{len(counts):,} words, {corpus.read:,} read, {len(corpus.tokens):,} of them in "
                f"the vocabulary, {len(corpus.sentences) - 1:,} sentences"
            )
            return
        arrays = checkpoint.arrays("model")
        self.inputs.copy_(arrays["inputs"])
        self.outputs.copy_(arrays["outputs"])
        self.progress = Progress(**checkpoint.state["progress"])
        self.run.rewind(self.progress.rows)
        self.run.say(f"resuming at epoch {self.progress.epoch + 1}, {self._share():.0%} of it done")

    def _first_vectors(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (V, D) uniform around 0 and (V, D) zeros, D filled up with zero columns."""
        size, dim = len(self._text.corpus.words), self.config.dim
        inputs = torch.zeros(size, -(-dim // _COLUMNS) * _COLUMNS)
        drawn = self.model.seeds.numpy("init").random((size, dim), dtype=np.float32)
        inputs[:, :dim] = torch.from_numpy((drawn - 0.5) / dim)
        return inputs.to(self.device), torch.zeros_like(inputs, device=self.device)

    def _train_epoch(self) -> None:
        progress = self.progress
        what = f"epoch {progress.epoch + 1}/{self.config.epochs}"
        started, first = time.monotonic(), progress.round
        with self.run.bar(what, self.rounds) as advance:
            advance(first)
            while progress.round < self.rounds:
                self._round()
                done = self._words(progress.round) - self._words(first)
                speed = done / max(time.monotonic() - started, 1e-9)
                self._log()
                advance(note=f"loss {self._loss(progress.epoch_sums):.4f}  {speed:,.0f} words/s")
                if progress.round < self.rounds:
                    self.run.save_if_due(self.config.checkpoint_seconds, self._save)
        self._end_epoch(speed)

    def _words(self, rounds: int) -> int:
        """Return the words of the first rounds of an epoch."""
        return min(rounds * self._together * self.run.workers.size * PIECE, len(self._text))

    def _share(self) -> float:
        return self._words(self.progress.round) / max(len(self._text), 1)

    def _round(self) -> None:
        """Train on the pieces that are this process's, then average with the others."""
        progress, workers = self.progress, self.run.workers
        first = (progress.round * workers.size + workers.rank) * self._together
        sums, words = np.zeros(len(_COUNTS)), 0
        for piece in range(first, min(first + self._together, self._pieces)):
            start = piece * PIECE
            end = min(start + PIECE, len(self._text))
            sums += self._train(start, end)
            words += end - start
        sums = np.sum(workers.gather(sums), axis=0)
        average(workers, (self.inputs, self.outputs), words)
        progress.round += 1
        progress.step += 1
        for total in (progress.epoch_sums, progress.row_sums):
            total[:] = (np.array(total) + sums).tolist()
        self._check(sums)

    def _train(self, start: int, end: int) -> np.ndarray:
        config = self.config
        tokens, sentences = self._text.piece(start, end)
        counts = skipgram(
            self.inputs,
            self.outputs,
            torch.from_numpy(tokens).to(self.device),
            torch.from_numpy(sentences).to(self.device),
            noise=self._noise,
            keep=self._keep,
            window=config.window,
            negatives=config.negatives,
            lr=(self._lr(start), self._lr(end)),
            seed=self.model.seeds.integer("sampler", self.progress.epoch),
            offset=start,
            kind=self.model.kind,
            block=config.block if config.mode == "ordered" else 0,
            clip_value=config.clip_value,
            clip_norm=config.clip_norm,
            together=config.together,
        )
        return counts.numpy()

    def _lr(self, place: int) -> float:
        """Return the learning rate at a word of this epoch: it falls linearly over all epochs."""
        config = self.config
        done = (self.progress.epoch + place / max(len(self._text), 1)) / config.epochs
        return config.lr * (1 - done * (1 - config.lr_final))

    @staticmethod
    def _loss(sums: list[float]) -> float:
        """Return the mean negative log-likelihood of a pair, in nats; 0 where there was none."""
        return sums[0] / sums[1] if sums[1] else 0.0

    def _check(self, sums: np.ndarray) -> None:
        words = self._words(self.progress.round)
        self.run.require_finite(
            float(sums[0]),
            at=f"epoch {self.progress.epoch + 1}, word {words:,}",
            lr=self._lr(words),
            advice="try a lower lr or clip_norm=1",
        )

    def _log(self) -> None:
        progress = self.progress
        due = progress.round * ROWS_PER_EPOCH // self.rounds
        if due == (progress.round - 1) * ROWS_PER_EPOCH // self.rounds:
            return
        sums = progress.row_sums
        clips = self.config.clip_value or self.config.clip_norm
        shares = {"clipped": sums[4] / max(sums[3], 1)} if clips else {}
        self.run.scalars(
            split="train",
            step=progress.step,
            epoch=progress.epoch + self._share(),
            lr=self._lr(self._words(progress.round)),
            loss=self._loss(sums),
            **shares,
        )
        progress.row_sums = [0.0] * len(_COUNTS)

    def _end_epoch(self, speed: float) -> None:
        progress, every = self.progress, self.config.validate_every
        sums = progress.epoch_sums
        line = f"epoch {progress.epoch + 1}/{self.config.epochs}  loss {self._loss(sums):.6f}"
        if self.config.clip_value or self.config.clip_norm:
            line += f"  clipped {sums[4] / max(sums[3], 1):.1%}"
        progress.epoch += 1
        self.run.scalars(
            split="train", step=progress.step, epoch=progress.epoch, epoch_loss=self._loss(sums)
        )
        progress.round, progress.epoch_sums = 0, [0.0] * len(_COUNTS)
        last = progress.epoch == self.config.epochs
        if self._validation is not None and every and (progress.epoch % every == 0 or last):
            line += self._validate(self._validation)
        self.run.say(f"{line}  {speed:,.0f} words/s")
        self.run.flush()
        self.run.save_if_due(self.config.checkpoint_seconds, self._save)

    def _validate(self, split: Split) -> str:
        self.model.vectors = self._vectors()
        progress = self.progress
        found = self.run.validate(self.model, split, step=progress.step, epoch=progress.epoch)
        return f"  {found}" if found else ""

    def _vectors(self) -> WordVectors:
        corpus, dim = self._text.corpus, self.config.dim
        inputs, outputs = (v[:, :dim].cpu().numpy().copy() for v in (self.inputs, self.outputs))
        return WordVectors(corpus.words, inputs, np.asarray(corpus.counts), outputs)

    def _save(self) -> None:
        self.progress.rows = self.run.rows
        if not self.run.workers.is_main:
            return
        self.run.flush()
        arrays = {"inputs": self.inputs.cpu(), "outputs": self.outputs.cpu()}
        state = {"progress": asdict(self.progress)}
        self.run.checkpoints.save(self.progress.step, {"model": arrays}, state)


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """Have torch use so many threads while the block runs; 0 for as many as before."""
    before = torch.get_num_threads()
    if count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
