"""Passes over a text by the compiled kernel, with a falling learning rate."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from nntasks.machine.forked import allowed_cores
from nntasks.ops import AliasTable, SkipgramCounts, skipgram
from nntasks.plugins.word2vec.sentences.ahead import one_ahead
from nntasks.plugins.word2vec.sentences.options import Options
from nntasks.plugins.word2vec.sentences.texts import Piece, Text
from nntasks.plugins.word2vec.trainer import NO_CUDA_KERNEL, has_cuda_kernel, keep_thresholds
from nntasks.seeding import Seeds
from nntasks.training.device import resolve_device

if TYPE_CHECKING:
    from nntasks.plugins.embeddings.vectors import KeyedVectors

_LOG = logging.getLogger(__name__)
_COLUMNS = 16  # the kernels need a dimension that is a multiple of this
# Centres per step: the same vectors for any number of threads. The gradients of a step add up, so
# that with few words, of which each comes often in a step, the steps must be smaller.
_BLOCK, _WORDS_A_CENTRE = 128, 16


@dataclass(frozen=True)
class Schedule:
    """The learning rate over all passes.

    Attributes:
        start, end: at the start and the end.
        epochs: number of passes.
        total: the words of a pass, or its sentences.
        by_sentences: whether `total` counts sentences.
    """

    start: float
    end: float
    epochs: int
    total: int
    by_sentences: bool

    def rate(self, epoch: int, done: int) -> float:
        """Return the rate after `done` words or sentences of a pass."""
        share = min((epoch + done / max(self.total, 1)) / self.epochs, 1.0)
        return self.start + (self.end - self.start) * share


class Training:
    """The vectors while they are trained.

    Args:
        vectors: words, counts, input and output vectors; changed by `store`.
        options: how to train.
        round: number of earlier calls, so that each draws its own random numbers.
    """

    def __init__(self, vectors: KeyedVectors, options: Options, round: int) -> None:
        self._vectors, self._options = vectors, options
        self._seeds = Seeds(options.seed)
        self._round = round
        self._block = max(1, min(_BLOCK, len(vectors) // _WORDS_A_CENTRE))
        assert vectors.counts is not None
        counts = np.maximum(vectors.counts, 1)
        self._device = device = resolve_device(options.device)
        powers = torch.from_numpy(counts.astype(np.float64) ** options.ns_exponent)
        self._noise = AliasTable(powers.to(device))
        self._keep = torch.from_numpy(keep_thresholds(counts, options.sample)).to(device)
        parts = self.parts()
        self._parts = None if parts is None else tuple(one.to(device) for one in parts)
        if device.type == "cuda" and not has_cuda_kernel(parts):
            _LOG.warning(NO_CUDA_KERNEL)
        self._inputs = padded(self.inputs()).to(device)
        self._outputs = padded(vectors.output).to(device)

    def inputs(self) -> np.ndarray:
        """Return the rows (R, D) that are trained as input vectors."""
        return np.asarray(self._vectors.matrix)

    def parts(self) -> tuple[torch.Tensor, torch.Tensor] | None:
        """Return the rows of each word, as for `skipgram`; None if a word has one."""
        return None

    def one_pass(
        self, text: Text, places: Mapping[str, int], schedule: Schedule, epoch: int
    ) -> tuple[SkipgramCounts, int]:
        """Train on a text once; return the kernel's counts, summed, and the words read."""
        options, sums = self._options, np.zeros(len(SkipgramCounts._fields))
        sampler = self._seeds.integer("sampler", self._round, epoch)
        done = words = offset = 0
        for piece in self._pieces(text, places):
            step = len(piece.bounds) - 1 if schedule.by_sentences else piece.words
            counts = skipgram(
                self._inputs,
                self._outputs,
                torch.from_numpy(piece.tokens).to(self._device),
                torch.from_numpy(piece.bounds).to(self._device),
                noise=self._noise,
                keep=self._keep,
                parts=self._parts,
                window=options.window,
                negatives=options.negative,
                lr=(schedule.rate(epoch, done), schedule.rate(epoch, done + step)),
                seed=sampler,
                offset=offset,
                kind="skipgram" if options.sg else "cbow",
                block=self._block,
            )
            sums += torch.stack(counts).numpy()
            done, offset, words = done + step, offset + len(piece.tokens), words + piece.words
        return SkipgramCounts(*torch.from_numpy(sums).unbind()), words

    def _pieces(self, text: Text, places: Mapping[str, int]) -> Iterator[Piece]:
        """Yield the pieces of a text; a thread reads ahead where it has a core to itself."""
        busy = self._options.workers if self._device.type == "cpu" else 1
        pieces = text.pieces(places)
        return one_ahead(pieces) if text.is_read_again and allowed_cores() > busy else pieces

    def store(self) -> None:
        """Give the vectors what was learned."""
        dim = self._vectors.dim
        self._vectors.output = self._outputs[:, :dim].cpu().numpy().copy()
        self.learned(self._inputs[:, :dim].cpu().numpy().copy())

    def learned(self, inputs: np.ndarray) -> None:
        """Give the vectors the rows (R, D) of `inputs` after training."""
        self._vectors.vectors = inputs


def first_vectors(size: int, dim: int, seed: int, stream: int) -> np.ndarray:
    """Return (size, dim) float32, uniform in -1/2 to 1/2 of 1 / dim; `stream` tells rows apart."""
    drawn = Seeds(seed).numpy("init", stream).random((size, dim), dtype=np.float32)
    return (drawn - np.float32(0.5)) / np.float32(dim)


def padded(rows: np.ndarray) -> torch.Tensor:
    """Return rows (R, D) filled up with zero columns to a multiple of what the kernels need."""
    size, dim = rows.shape
    padded = torch.zeros(size, -(-dim // _COLUMNS) * _COLUMNS)
    padded[:, :dim] = torch.from_numpy(np.ascontiguousarray(rows, dtype=np.float32))
    return padded
