"""Corpora before and after they are encoded: text files, then whole numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from nntasks.interfaces import Batch, Split
from nntasks.plugins.word2vec.corpus import EncodedCorpus
from nntasks.storage import atomic_write


@dataclass(frozen=True)
class Reading:
    """How text becomes words.

    Attributes:
        sentence: where windows end: at each "line", or only at the end of a "document" (a file).
        errors: what to do with bytes that are no UTF-8: "strict" refuses them, "ignore" leaves them
            out, "replace" puts U+FFFD in their place.
        lowercase: whether capitals are read as small letters.
    """

    sentence: Literal["line", "document"] = "line"
    errors: Literal["strict", "ignore", "replace"] = "strict"
    lowercase: bool = False


class Texts(ABC):
    """A training corpus as a data set names it; the task encodes it with its own keys.

    Attributes:
        reading: how text becomes words.
    """

    reading: Reading = Reading()

    @abstractmethod
    def paths(self, folder: Path) -> Sequence[Path]:
        """Return the files or folders to read; made text is written into `folder` first."""


class TextPaths(Texts):
    """Files that are there."""

    def __init__(self, paths: Sequence[Path], reading: Reading | None = None) -> None:
        self._paths, self.reading = tuple(paths), reading or Reading()

    def paths(self, folder: Path) -> Sequence[Path]:
        """Return the files."""
        return self._paths


class MadeText(Texts):
    """Text that is made from a seed.

    Args:
        name: of the file; equal names must mean equal text.
        lines: makes it.
    """

    def __init__(self, name: str, lines: Callable[[], Iterable[str]]) -> None:
        self._name, self._lines = name, lines

    def paths(self, folder: Path) -> Sequence[Path]:
        """Return the file, written if it is not there."""
        path = folder / f"{self._name}.txt"
        if not path.is_file():
            atomic_write.write_text(path, "".join(f"{line}\n" for line in self._lines()))
        return [path]


class EncodedText(Split):
    """A training split whose samples are the words of a corpus, in their order."""

    def __init__(self, corpus: EncodedCorpus) -> None:
        self.corpus = corpus

    def __len__(self) -> int:
        return len(self.corpus.tokens)

    def contents(self) -> Any:
        """Return vocabulary, text and sentences; not when and from where they were encoded."""
        corpus = self.corpus
        return (corpus.words, corpus.counts, corpus.tokens, corpus.sentences)

    def batch(self, indices: Sequence[int], *, epoch: int | None = None) -> Batch:
        """Return words by their number: inputs (B,) int32."""
        chosen = np.asarray(indices, dtype=np.int64)
        return Batch(np.array(self.corpus.tokens[chosen]), None, chosen.tolist())

    def piece(self, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the words from `start` to `end`, and where their sentences begin and end.

        Returns:
            (end - start,) int32 and (s + 1,) int64, rising from 0 to end - start. A sentence that
            reaches beyond is cut.
        """
        bounds = self.corpus.sentences
        first = int(np.searchsorted(bounds, start, side="right"))
        last = int(np.searchsorted(bounds, end, side="left"))
        inner = np.asarray(bounds[first:last], dtype=np.int64) - start
        return self.corpus.numbers(start, end), np.concatenate(([0], inner, [end - start]))
