"""The settings of `skipgram` with their limits, and the counts that it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, SupportsFloat, SupportsIndex

from torch import Tensor

from nntasks.ops._arguments import checked_int, checked_word

KINDS = ("skipgram", "cbow", "cbow_exact")
# Least and most of each number. csrc/skipgram/limits.h has the same table; a test compares them.
LIMITS = {
    "columns": (16, 2**31 - 16),  # of vectors, a multiple of 16
    "tokens": (0, 2**27),  # in one call
    "window": (1, 100),
    "negatives": (1, 100),
    "offset": (0, 2**48),
    "kind": (0, len(KINDS) - 1),
    "block": (0, 2**16),
    "together": (1, 64),
}
LEAST_CLIP, MOST_CLIP = 1e-30, 1e30  # float32 holds these, and their squares in float64


@dataclass(frozen=True)
class SkipgramSettings:
    """How `skipgram` trains.

    Attributes:
        window: the maximum window size, 1 to 100; each centre draws its size from 1 to this.
        negatives: negatives per centre, 1 to 100.
        lr: the learning rates at the first and after the last token, linear in between.
        seed: 0 to 2^64 - 1; use another for each pass over the corpus.
        offset: the position of the first token in the whole corpus, 0 to 2^48.
        kind: "skipgram"; "cbow", in which every context gets the whole gradient of the mean, as in
            word2vec.c; "cbow_exact", in which it gets its share (Irsoy, Benton and Stratos,
            "Corrected CBOW Performs as well as Skip-gram", 2021, arXiv 2012.15332).
        block: 0 trains without locks on all threads, which may overwrite each other's steps (Recht,
            Re, Wright and Niu, "Hogwild!", 2011). From 1 to 65,536, the gradients of this
            many centres are computed at the same vectors and added in order, so the result is
            bit-identical for any number of threads.
        clip_value: the largest absolute value of a component of a vector's gradient from one
            centre; 0 for no limit, else from 1e-30 to 1e30.
        clip_norm: the largest norm of such a gradient, after `clip_value`; 0 for no limit, else
            from 1e-30 to 1e30.
        together: 1 to 64. This many successive kept words, counted from the first token, share the
            negatives of the first of them, which saves memory accesses.

    Raises:
        TypeError: a number has the wrong type.
        ValueError: a number is out of range, or the kind is unknown.
    """

    window: SupportsIndex = 5
    negatives: SupportsIndex = 5
    lr: tuple[SupportsFloat, SupportsFloat] = (0.025, 0.025)
    seed: SupportsIndex = 0
    offset: SupportsIndex = 0
    kind: str = "skipgram"
    block: SupportsIndex = 0
    clip_value: SupportsFloat = 0.0
    clip_norm: SupportsFloat = 0.0
    together: SupportsIndex = 1

    def __post_init__(self) -> None:
        self.numbers()

    def numbers(self) -> tuple[int | float, ...]:
        """Return the checked arguments of the op, in its order."""
        if self.kind not in KINDS:
            raise ValueError(f"skipgram: kind must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if not isinstance(self.lr, (tuple, list)) or len(self.lr) != 2:
            raise ValueError(f"skipgram: lr must be two numbers, first and last, got {self.lr!r}")
        first, last = (_checked_rate(rate) for rate in self.lr)
        return (
            limited("window", self.window),
            limited("negatives", self.negatives),
            checked_word("skipgram", "seed", self.seed),
            limited("offset", self.offset),
            first,
            last,
            KINDS.index(self.kind),
            limited("block", self.block),
            _checked_clip("clip_value", self.clip_value),
            _checked_clip("clip_norm", self.clip_norm),
            limited("together", self.together),
        )

    @classmethod
    def of_numbers(cls, *numbers: int | float) -> SkipgramSettings:
        """Return the settings of a raw call's numbers; the inverse of `numbers`."""
        window, negatives, seed, offset, first, last, kind, block, value, norm, together = numbers
        return cls(
            window=window,  # type: ignore[arg-type]
            negatives=negatives,  # type: ignore[arg-type]
            lr=(first, last),
            seed=seed if seed >= 0 else seed + 2**64,  # type: ignore[arg-type]
            offset=offset,  # type: ignore[arg-type]
            kind=KINDS[limited("kind", kind)],  # type: ignore[arg-type]
            block=block,  # type: ignore[arg-type]
            clip_value=value,
            clip_norm=norm,
            together=together,  # type: ignore[arg-type]
        )


class SkipgramCounts(NamedTuple):
    """The counts of `skipgram`, each a float64 tensor of shape () on the CPU.

    Attributes:
        loss: the sum of the losses of all pairs, each before its centre's step.
        pairs: pairs of an input vector and a centre.
        centres: words with at least one context.
        gradients: vector gradients, one per centre and vector.
        clipped: the number of clipped gradients.
    """

    loss: Tensor
    pairs: Tensor
    centres: Tensor
    gradients: Tensor
    clipped: Tensor


def limited(name: str, value: SupportsIndex) -> int:
    """Return an int within its row of `LIMITS`."""
    return checked_int("skipgram", name, value, *LIMITS[name])


def _checked_float(name: str, value: SupportsFloat) -> float:
    if isinstance(value, (bool, str)) or not hasattr(value, "__float__"):
        raise TypeError(f"skipgram: {name} must be a number, got {type(value).__name__}")
    return float(value)


def _checked_rate(value: SupportsFloat) -> float:
    number = _checked_float("lr", value)
    if not 0 <= number < float("inf"):
        raise ValueError(f"skipgram: lr must be finite and 0 or more, got {number}")
    return number


def _checked_clip(name: str, value: SupportsFloat) -> float:
    number = _checked_float(name, value)
    if number != 0 and not LEAST_CLIP <= number <= MOST_CLIP:
        raise ValueError(
            f"skipgram: {name} must be finite and 0 or more: 0, or from {LEAST_CLIP} to "
            f"{MOST_CLIP}, got {number}"
        )
    return number
