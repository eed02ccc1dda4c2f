"""The options of `Word2Vec`, by gensim's names, and their checks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from nntasks.errors import did_you_mean
from nntasks.plugins.embeddings.keyed.errors import NotOffered, WrongType, WrongValue

# Accepted, because they cannot change the result: how gensim hashes and hands out work.
_WITHOUT_EFFECT = ("hashfxn", "batch_words", "comment", "max_vocab_size", "null_word")


@dataclass(frozen=True)
class Options:
    """How words are chosen and vectors trained.

    Attributes:
        vector_size: dimensions of a vector, >= 1.
        alpha: learning rate at the start, > 0.
        min_alpha: learning rate at the end, >= 0; it falls linearly.
        window: largest number of context words on each side, 1 to 100.
        min_count: rarer words are left out, >= 0.
        max_final_vocab: keep only so many most frequent words; None for all.
        sample: words with a larger share of the text are subsampled; 0 for none.
        seed: of all random numbers.
        workers: threads; no more are used than there are cores. The result does not depend on it.
        sg: 1 for skip-gram, 0 for CBOW.
        negative: negative samples for each centre word, 1 to 100.
        ns_exponent: negatives are drawn in proportion to counts to this power.
        epochs: passes over the text, >= 1.
        sorted_vocab: 1 orders words by falling count; 0 keeps the order of the text.
        compute_loss: whether `get_latest_training_loss` answers.
        device: where to train, cpu, cuda or cuda:N; gensim has no such name.
        trim_rule: called with (word, count, min_count); 0 leaves the decision to `min_count`, 1
            drops the word, 2 keeps it.
    """

    vector_size: int = 100
    alpha: float = 0.025
    min_alpha: float = 0.0001
    window: int = 5
    min_count: int = 5
    max_final_vocab: int | None = None
    sample: float = 1e-3
    seed: int = 1
    workers: int = 3
    sg: int = 0
    negative: int = 5
    ns_exponent: float = 0.75
    epochs: int = 5
    sorted_vocab: int = 1
    compute_loss: bool = False
    device: str = "cpu"
    trim_rule: Callable[[str, int, int], int] | None = None

    def __post_init__(self) -> None:
        for name, low, high in (
            ("vector_size", 1, 4096),
            ("window", 1, 100),
            ("min_count", 0, None),
            ("seed", 0, None),
            ("workers", 1, 1024),
            ("sg", 0, 1),
            ("negative", 1, 100),
            ("epochs", 1, None),
            ("sorted_vocab", 0, 1),
        ):
            _whole(name, getattr(self, name), low, high)
        if self.max_final_vocab is not None:
            _whole("max_final_vocab", self.max_final_vocab, 1, None)
        for name, top in (("alpha", 10.0), ("min_alpha", 10.0), ("sample", 1.0)):
            value = getattr(self, name)
            if not isinstance(value, (int, float)) or not 0 <= value <= top:
                raise WrongValue(f"{name}: expected a number from 0 to {top:g}, got {value!r}")
        if not re.fullmatch(r"cpu|cuda(:\d+)?", str(self.device)):
            raise WrongValue(f"device: expected cpu, cuda or cuda:N, got {self.device!r}")
        if not isinstance(self.ns_exponent, (int, float)) or not -5 <= self.ns_exponent <= 5:
            raise WrongValue(
                f"ns_exponent: expected a number from -5 to 5, got {self.ns_exponent!r}"
            )

    def stored(self) -> dict[str, Any]:
        """Return what a file stores: all but the rule, which is code, and the device."""
        left_out = ("trim_rule", "device")
        return {name: value for name, value in asdict(self).items() if name not in left_out}


@dataclass(frozen=True)
class SubwordOptions(Options):
    """The options of `FastText`: those of `Word2Vec`, and which n-grams words are made of.

    Attributes:
        min_n, max_n: fewest and most characters of an n-gram, "<" and ">" around a word included;
            none are used if `max_n` is below `min_n`.
        bucket: n-grams are hashed into so many buckets, which have a vector each; 0 for none.
    """

    min_n: int = 3
    max_n: int = 6
    bucket: int = 2_000_000

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, low, high in (("min_n", 1, 64), ("max_n", 0, 64), ("bucket", 0, 2**31 - 1)):
            _whole(name, getattr(self, name), low, high)


_Options = TypeVar("_Options", bound=Options)


def parse(given: dict[str, Any], kind: type[_Options], model: str) -> _Options:
    """Return the options of keyword arguments with gensim's names.

    Args:
        given: the keyword arguments.
        kind: the class of the options.
        model: the name of the model, for messages.

    Raises:
        NotOffered: an option of gensim asks for what the kernel does not do.
        WrongType: a name is no option.
        WrongValue: a value is out of range.
    """
    given = {name: value for name, value in given.items() if name not in _WITHOUT_EFFECT}
    if given.pop("hs", 0):
        raise NotOffered("hs=1: hierarchical softmax is not offered; use negative=5")
    if not given.get("negative", 5):
        raise NotOffered("negative=0: hierarchical softmax is not offered; use 1 to 100")
    mean, shrink = given.pop("cbow_mean", 1), given.pop("shrink_windows", True)
    if not mean and not given.get("sg", 0):
        raise NotOffered("cbow_mean=0 is not offered: CBOW takes the mean of the context")
    if not shrink:
        raise NotOffered("shrink_windows=False is not offered: windows are drawn from 1 to window")
    if kind is SubwordOptions and not _with_ngrams(given.pop("word_ngrams", 1)):
        given["max_n"] = 0
    known = [field.name for field in fields(kind)]
    wrong = next((name for name in given if name not in known), None)
    if wrong is not None:
        raise WrongType(f"{model} has no option {wrong!r}.{did_you_mean(wrong, known)}")
    return kind(**given)


def _with_ngrams(word_ngrams: Any) -> bool:
    if not isinstance(word_ngrams, int) or word_ngrams not in (0, 1):
        raise WrongValue(f"word_ngrams: expected 1, or 0 for no n-grams, got {word_ngrams!r}")
    return bool(word_ngrams)


def _whole(name: str, value: Any, low: int, high: int | None) -> None:
    span = f">= {low}" if high is None else f"from {low} to {high}"
    if isinstance(value, float) or not hasattr(value, "__index__"):
        raise WrongType(f"{name}: expected a whole number {span}, got {value!r}")
    if value < low or (high is not None and value > high):
        raise WrongValue(f"{name}: expected a whole number {span}, got {value!r}")
