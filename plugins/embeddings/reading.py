"""Options for reading words from vector files: limit, encoding and duplicates."""

from __future__ import annotations

import codecs
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from nntasks.errors import UsageError

Errors = Literal["strict", "replace", "ignore"]

_LOG = logging.getLogger(__name__)
_NAMED = 3  # words listed in a warning


@dataclass(frozen=True)
class Reading:
    """Options of a reader.

    Attributes:
        limit: number of words to read, from the start of the file; None for all.
        encoding: encoding of the words; a superset of ASCII.
        errors: how bytes outside the encoding are handled: an error ("strict"), a replacement
            character ("replace"), or removal ("ignore").
    """

    limit: int | None = None
    encoding: str = "utf-8"
    errors: Errors = "strict"

    def __post_init__(self) -> None:
        try:
            fits = codecs.lookup(self.encoding) and b"a 1\n".decode(self.encoding) == "a 1\n"
        except (LookupError, UnicodeDecodeError):
            fits = False
        if not fits:
            raise UsageError(
                f"encoding: expected one that holds ASCII, such as utf-8, latin-1 or cp1252, got "
                f"{self.encoding!r}"
            )

    def count(self, available: int) -> int:
        """Return how many words of a file are read."""
        return available if self.limit is None else min(available, self.limit)

    def decode(self, word: bytes, path: Path, place: int) -> str:
        """Return a word as text; `place`, from 1, is for the message."""
        try:
            return word.decode(self.encoding, self.errors)
        except UnicodeDecodeError as error:
            raise UsageError(
                f"{path}: expected UTF-8, but word {place} is {word[:40]!r} (byte {error.start}); "
                "give encoding=latin-1 or what it is, or errors=replace or errors=ignore"
                if codecs.lookup(self.encoding).name == "utf-8"
                else f"{path}: word {place}, {word[:40]!r}, is not in {self.encoding}"
            ) from error


def kept_words(words: Sequence[str], path: Path) -> np.ndarray | None:
    """Return the places (K,) int64 of the first of equal words; None if all words differ.

    Words that became empty are dropped. A warning lists what was dropped.
    """
    first = {word: place for place, word in reversed(list(enumerate(words))) if word}
    if len(first) == len(words):
        return None
    places = np.array(sorted(first.values()), dtype=np.int64)
    again = [word for place, word in enumerate(words) if word and first[word] != place]
    if again:
        named = ", ".join(repr(word) for word in dict.fromkeys(again[:_NAMED]))
        _LOG.warning(
            "%s: %d words come again (%s%s); the first vector of each is kept",
            path,
            len(again),
            named,
            ", ..." if len(again) > _NAMED else "",
        )
    empty = sum(not word for word in words)
    if empty:
        _LOG.warning("%s: %d words of which nothing could be read are left out", path, empty)
    return places
