"""Training over a corpus in pieces; randomness depends on (seed, epoch, place) alone.

One process takes all pieces in order. Several processes take turns: each trains on some pieces,
and then they average their vectors (see `averaging`). Their result differs from that of one
process, but in mode=ordered it is reproducible.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial

import numpy as np
import torch

from nntasks.errors import PluginError
from nntasks.interfaces import RunHandle, Split
from nntasks.ops import AliasTable, SkipgramCounts, has_kernel, skipgram
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.averaging import Averaging
from nntasks.plugins.word2vec.first_nonfinite import first_nonfinite
from nntasks.plugins.word2vec.model import Word2VecModel
from nntasks.plugins.word2vec.speed import Speed
from nntasks.plugins.word2vec.subwords import Subwords
from nntasks.plugins.word2vec.texts import EncodedText
from nntasks.run_folder.checkpoints import Checkpoint
from nntasks.training.black_box import Cause
from nntasks.training.epochs import Progress, Sums, Trainer

PIECE = 1 << 17  # words between checks, checkpoints and progress reports
SHARED = 1000  # with fewer words, threads of mode=ordered wait for each other more than they gain
_COLUMNS = 16  # the kernels need a dimension that is a multiple of this
_COUNTS = SkipgramCounts._fields
_FREQUENT = 32  # one word of so many, the most frequent, is averaged after every piece
NO_CUDA_KERNEL = (
    "the PyTorch reference trains, slowly: n-grams have no CUDA kernel, and that of whole words "
    "is built by `NNTASKS_CUDA=1 pip install --no-build-isolation -e .`"
)


def keep_thresholds(counts: np.ndarray, share: float) -> np.ndarray:
    """Return how many of 2^32 occurrences of each word subsampling keeps, (V,) int64.

    A word that makes up f of the text is kept with probability sqrt(t / f) + t / f, t = `share`:
    the rule of word2vec.c. (The paper has only the first term.)
    """
    if not share:
        return np.full(len(counts), 1 << 32)
    odds = share * counts.sum() / counts
    return np.minimum((np.sqrt(odds) + odds) * 2.0**32, 2.0**32).astype(np.int64)


class Word2VecTrainer(Trainer):
    """Trains a `Word2VecModel`; in each step every process takes some pieces.

    Args:
        model: trained in place.
        train: an `EncodedText`.
        run: the running experiment.

    Raises:
        PluginError: `train` is not an `EncodedText`.
    """

    model: Word2VecModel
    advice = "try a lower lr or clip_norm=1"
    epoch_rows = True

    def __init__(self, model: Word2VecModel, train: Split, run: RunHandle) -> None:
        if not isinstance(train, EncodedText):
            raise PluginError(f"expected an EncodedText to train on, got {type(train).__name__}")
        super().__init__(model, run)
        self.config, self._text = model.config, train
        self._pieces = -(-len(train) // PIECE)  # words per epoch
        self._together = pieces_together(
            self._pieces, run.workers.size, self.config.average_words // PIECE
        )
        self._started = (0.0, 0)  # start time and first word of this process in the epoch
        self._read, self._spent = 0, 0.0  # words of all processes, and seconds, in steps

    @property
    def steps(self) -> int:
        return -(-self._pieces // (self._together * self.run.workers.size))

    def running(self) -> AbstractContextManager[None]:
        config, few = self.config, len(self._text.corpus.words) < SHARED
        alone = few and config.mode == "ordered" and not config.threads
        return torch_threads(1 if alone else config.threads)

    def start(self, checkpoint: Checkpoint | None) -> None:
        corpus, config, device = self._text.corpus, self.config, self.model.device
        counts = np.asarray(corpus.counts)
        self._noise = AliasTable(torch.from_numpy(counts**config.noise_power).to(device))
        self._keep = torch.from_numpy(keep_thresholds(counts, config.subsample)).to(device)
        self._subwords = Subwords.of(corpus.words, config.min_n, config.max_n, config.bucket)
        self._parts = self._subwords.parts_on(device)
        self.inputs, self.outputs = self._first_vectors()
        self._averaging: Averaging | None = None  # begins at the first step: from restored vectors
        if device.type == "cuda" and not has_cuda_kernel(self._parts):
            self.run.say(NO_CUDA_KERNEL)
        if checkpoint is None:
            self.run.say(
                f"{len(counts):,} words, {corpus.read:,} read, {len(corpus.tokens):,} of them in "
                f"the vocabulary, {len(corpus.sentences) - 1:,} sentences{self._subwords.said}"
            )
        else:
            self._restore(checkpoint)

    def _restore(self, checkpoint: Checkpoint) -> None:
        arrays = checkpoint.arrays("model", "torch")
        self.inputs.copy_(arrays["inputs"])
        self.outputs.copy_(arrays["outputs"])

    def _first_vectors(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return input vectors (V, D), uniform around 0, and zero output vectors; D is padded.

        With n-grams, their rows follow those of the words, and all are twice as long: a mean of
        many is short.
        """
        size, dim = len(self._text.corpus.words), self.config.dim
        rows, width = size + len(self._subwords.buckets), -(-dim // _COLUMNS) * _COLUMNS
        inputs = torch.zeros(rows, width)
        drawn = self.model.seeds.numpy("init").random((rows, dim), dtype=np.float32)
        scale = dim if rows == size else dim / 2
        inputs[:, :dim] = torch.from_numpy((drawn - 0.5) / scale)
        device = self.model.device
        return inputs.to(device), torch.zeros(size, width, device=device)

    def batches(self, epoch: int, first: int) -> Iterable[int]:
        self._started = time.monotonic(), self._words(first)
        return range(first, self.steps)

    def step(self, batch: int, progress: Progress) -> Sums:
        """Train on the pieces of this process, then average with the others."""
        began, workers = time.monotonic(), self.run.workers
        averaging = self._averaging = self._averaging or self._new_averaging()
        sums = np.zeros(len(_COUNTS))
        for turn in range(self._together):
            start, end = self._piece(batch, turn)
            if start < end:
                sums += self._train(start, end, progress.epoch)
            if turn + 1 < self._together:
                averaging.exchange()
        # Every process reports the same totals, so that all stop if the loss is not finite.
        sums = np.sum(workers.gather(sums), axis=0) / workers.size
        averaging.finish()
        self.lr = self._lr(self._words(batch + 1), progress.epoch)
        self._read += self._words(batch + 1) - self._words(batch)
        self._spent += time.monotonic() - began
        self._speed = self._words(batch + 1) - self._started[1], time.monotonic() - self._started[0]
        return dict(zip(_COUNTS, sums.tolist(), strict=True))

    def _piece(self, batch: int, turn: int) -> tuple[int, int]:
        """Return the first word and the end of a piece of a step; equal if there is none."""
        workers = self.run.workers
        piece = (batch * workers.size + workers.rank) * self._together + turn
        return min(piece * PIECE, len(self._text)), min((piece + 1) * PIECE, len(self._text))

    def _new_averaging(self) -> Averaging:
        frequent = -(-len(self._text.corpus.words) // _FREQUENT)
        return Averaging(self.run.workers, (self.inputs, self.outputs), frequent=frequent)

    def _train(self, start: int, end: int, epoch: int) -> np.ndarray:
        """Train on words `start` to `end`; return the `SkipgramCounts` as an array."""
        config, device = self.config, self.model.device
        tokens, sentences = self._text.piece(start, end)
        counts = skipgram(
            self.inputs,
            self.outputs,
            torch.from_numpy(tokens).to(device),
            torch.from_numpy(sentences).to(device),
            noise=self._noise,
            keep=self._keep,
            parts=self._parts,
            window=config.window,
            negatives=config.negatives,
            lr=(self._lr(start, epoch), self._lr(end, epoch)),
            seed=self.model.seeds.integer("sampler", epoch),
            offset=start,
            kind=self.model.kind,
            block=config.block if config.mode == "ordered" else 0,
            clip_value=config.clip_value,
            clip_norm=config.clip_norm,
            together=config.together,
        )
        return torch.stack(counts).numpy()

    def samples(self, epoch: int) -> np.ndarray:
        """Return the first word and the end of each step, (steps, 2): the text keeps its order."""
        ends = [self._words(step) for step in range(self.steps + 1)]
        return np.array([ends[:-1], ends[1:]]).T

    def first_cause(self, batch: int, progress: Progress) -> Cause | None:
        """Repeat the training from the last checkpoint to this step, by one process."""
        if self.run.workers.size > 1:
            return None
        checkpoint = self.run.checkpoints.latest()
        self.inputs, self.outputs = self._first_vectors()
        epoch = first = 0
        if checkpoint is not None:
            self._restore(checkpoint)
            epoch, first = (checkpoint.state["progress"][name] for name in ("epoch", "batch"))
        while (epoch, first) < (progress.epoch, batch):
            self._train(self._words(first), self._words(first + 1), epoch)
            epoch, first = (epoch, first + 1) if first + 1 < self.steps else (epoch + 1, 0)
        train = partial(self._train, epoch=progress.epoch)
        stretch = self._words(batch), self._words(batch + 1)
        names = self._subwords.names(self._text.corpus.words)
        return first_nonfinite(self.inputs, self.outputs, names, train, *stretch)

    def _words(self, steps: int) -> int:
        """Return the number of words in the first steps of an epoch."""
        return min(steps * self._together * self.run.workers.size * PIECE, len(self._text))

    def _lr(self, word: int, epoch: int) -> float:
        """Return the learning rate at a word of an epoch; it decays linearly over all epochs."""
        config = self.config
        done = (epoch + word / max(len(self._text), 1)) / config.epochs
        return config.lr * (1 - done * (1 - config.lr_final))

    def means(self, sums: Mapping[str, float], steps: int) -> dict[str, float]:
        """Return the mean negative log-likelihood per pair in nats, and the clipped share."""
        values = {"loss": sums["loss"] / sums["pairs"] if sums["pairs"] else 0.0}
        if self.config.clip_value or self.config.clip_norm:
            values["clipped"] = sums["clipped"] / max(sums["gradients"], 1)
        return values

    def place(self, progress: Progress) -> str:
        return f"epoch {progress.epoch + 1}, word {self._words(progress.batch + 1):,}"

    def note(self, values: Mapping[str, float]) -> str:
        words, seconds = self._speed
        clipped = f"  clipped {values['clipped']:.1%}" if "clipped" in values else ""
        return f"loss {values['loss']:.6f}{clipped}  {words / max(seconds, 1e-9):,.0f} words/s"

    @contextlib.contextmanager
    def predicting(self) -> Iterator[None]:
        self.model.vectors = self._vectors()
        yield

    def finish(self) -> None:
        """Pass the vectors to the model, which writes the files of the run."""
        self.model.vectors = self._vectors()
        if self._averaging is not None and self.run.workers.size > 1:
            self.run.say(f"each process sent {self._averaging.sent / 1e6:,.1f} MB to be averaged")
        self.model.save_files(self.run, Speed(self._read, self._spent))

    def _vectors(self) -> KeyedVectors:
        corpus, dim = self._text.corpus, self.config.dim
        inputs, outputs = (v[:, :dim].cpu().numpy().copy() for v in (self.inputs, self.outputs))
        return self._subwords.vectors(corpus.words, inputs, np.asarray(corpus.counts), outputs)

    def groups(self) -> Mapping[str, Mapping[str, torch.Tensor]]:
        return {"model": {"inputs": self.inputs.cpu(), "outputs": self.outputs.cpu()}}


def has_cuda_kernel(parts: object | None) -> bool:
    """Return whether a compiled kernel trains on CUDA; `parts` as for `skipgram`."""
    return has_kernel("skipgram" if parts is None else "skipgram_parts", "cuda")


def pieces_together(pieces: int, processes: int, wanted: int) -> int:
    """Return how many of an epoch's pieces each process takes in a step: about `wanted`, evenly."""
    if processes == 1:
        return 1
    steps = -(-pieces // (processes * max(1, wanted)))
    return -(-pieces // (processes * steps))


@contextlib.contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Set torch's number of threads within the block; 0 keeps it."""
    before = torch.get_num_threads()
    if count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
