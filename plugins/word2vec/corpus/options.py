"""The options of corpus encoding and their checks."""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass
from typing import Literal

from nntasks.errors import UsageError

MOST_WORDS = 2**31 - 1  # numbers are int32


@dataclass(frozen=True)
class CorpusOptions:
    """How words are counted and numbered.

    Attributes:
        min_count: rarer words are dropped; >= 1.
        max_vocabulary: keep only this many most frequent words; >= 2, None for all.
        encoding: encoding of the texts, any that Python knows; UTF-8 is read fastest.
        errors: how bytes outside the encoding are handled, as for `bytes.decode`: "strict",
            "ignore" or "replace".
        lowercase: convert words to lower case, as `str.lower` does.
        sentence: "line": each line is a sentence; "document": each file is one.
        phrases: passes that join neighbouring words into one, as in `new_york`; 0 to 8.
        phrase_threshold: pairs that score higher are joined (see `phrases.py`); > 0.

    Raises:
        UsageError: a value is out of range.
    """

    min_count: int = 5
    max_vocabulary: int | None = None
    encoding: str = "utf-8"
    errors: Literal["strict", "ignore", "replace"] = "strict"
    lowercase: bool = False
    sentence: Literal["line", "document"] = "line"
    phrases: int = 0
    phrase_threshold: float = 10.0

    def __post_init__(self) -> None:
        _require(self.min_count >= 1, "min_count", "a number from 1 on", self.min_count)
        most = self.max_vocabulary
        _require(
            most is None or 2 <= most <= MOST_WORDS,
            "max_vocabulary",
            f"a number from 2 to {MOST_WORDS:,}, or None",
            most,
        )
        _require(
            _is_encoding(self.encoding),
            "encoding",
            "an encoding of text, such as utf-8, latin-1 or utf-16",
            self.encoding,
        )
        for name, known in (
            ("errors", ("strict", "ignore", "replace")),
            ("sentence", ("line", "document")),
        ):
            _require(getattr(self, name) in known, name, " or ".join(known), getattr(self, name))
        _require(0 <= self.phrases <= 8, "phrases", "passes from 0 to 8", self.phrases)
        _require(
            self.phrase_threshold > 0, "phrase_threshold", "a number above 0", self.phrase_threshold
        )


def _is_encoding(name: str) -> bool:
    try:
        return codecs.getincrementaldecoder(name)().decode(b"", True) == ""
    except (LookupError, ValueError, TypeError):
        return False


def thread_count(threads: int | None) -> int:
    """Return how many threads to read with; None means one per processor available to us."""
    if threads is None:
        affinity = getattr(os, "sched_getaffinity", None)
        return len(affinity(0)) if affinity else os.cpu_count() or 1
    _require(1 <= threads <= 1024, "threads", "a number from 1 to 1024", threads)
    return threads


def _require(right: bool, name: str, expected: str, value: object) -> None:
    if not right:
        raise UsageError(f"{name}: expected {expected}, got {value!r}")
