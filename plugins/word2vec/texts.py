"""Training corpora, as text and in encoded form."""

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
        sentence: context windows end at each "line", or only at the end of a "document" (a file).
        errors: how to handle bytes outside the encoding: "strict" refuses them, "ignore" skips
            them, "replace" puts U+FFFD in their place.
        lowercase: whether words are converted to lower case.
        encoding: the encoding of the files.
    """

    sentence: Literal["line", "document"] = "line"
    errors: Literal["strict", "ignore", "replace"] = "strict"
    lowercase: bool = False
    encoding: str = "utf-8"


class Texts(ABC):
    """A training corpus of a data set; the task encodes it by its own configuration.

    Attributes:
        reading: how text becomes words.
    """

    reading: Reading = Reading()

    @abstractmethod
    def paths(self, folder: Path) -> Sequence[Path]:
        """Return the files or folders to read; generated text is first written into `folder`."""


class TextPaths(Texts):
    """Existing files."""

    def __init__(self, paths: Sequence[Path], reading: Reading | None = None) -> None:
        self._paths, self.reading = tuple(paths), reading or Reading()

    def paths(self, folder: Path) -> Sequence[Path]:
        """Return the files."""
        return self._paths


class MadeText(Texts):
    """Text that is generated from a seed.

    Args:
        name: file name; equal names must mean equal text.
        lines: generates the lines.
    """

    def __init__(self, name: str, lines: Callable[[], Iterable[str]]) -> None:
        self._name, self._lines = name, lines

    def paths(self, folder: Path) -> Sequence[Path]:
        """Return the file; write it if absent."""
        path = folder / f"{self._name}.txt"
        if not path.is_file():
            atomic_write.write_text(path, "".join(f"{line}\n" for line in self._lines()))
        return [path]


class EncodedText(Split):
    """A training split whose samples are the words of a corpus, in order."""

    def __init__(self, corpus: EncodedCorpus) -> None:
        self.corpus = corpus

    def __len__(self) -> int:
        return len(self.corpus.tokens)

    def contents(self) -> Any:
        """Return vocabulary, text and sentences, without time and source of the encoding."""
        corpus = self.corpus
        return (corpus.words, corpus.counts, corpus.tokens, corpus.sentences)

    def batch(self, indices: Sequence[int], *, epoch: int | None = None) -> Batch:
        """Return word numbers as inputs: (B,) int32."""
        chosen = np.asarray(indices, dtype=np.int64)
        return Batch(np.array(self.corpus.tokens[chosen]), None, chosen.tolist())

    def piece(self, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the words from `start` to `end`, and the bounds of their sentences.

        Returns:
            (end - start,) int32 and (s + 1,) int64 from 0 to end - start. Sentences that reach
            beyond are cut.
        """
        bounds = self.corpus.sentences
        first = int(np.searchsorted(bounds, start, side="right"))
        last = int(np.searchsorted(bounds, end, side="left"))
        inner = np.asarray(bounds[first:last], dtype=np.int64) - start
        return self.corpus.numbers(start, end), np.concatenate(([0], inner, [end - start]))
