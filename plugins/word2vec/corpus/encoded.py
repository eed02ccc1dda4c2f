"""An encoded corpus: files in a folder, checked on opening and memory-mapped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError

HEADER, WORDS, COUNTS = "corpus.json", "words.txt", "counts.npy"
TOKENS, SENTENCES = "tokens.npy", "sentences.npy"
DATA = (WORDS, COUNTS, TOKENS, SENTENCES)
VERSION = 1
_AT_ONCE = 1 << 20  # numbers checked at a time


@dataclass(frozen=True)
class EncodedCorpus:
    """A text as word numbers.

    Attributes:
        folder: the folder of its files.
        words: (V,) in descending order of count, ties by UTF-8 bytes.
        counts: (V,) int64, occurrences of each word in `tokens`.
        tokens: (n,) int32 below V, memory-mapped, read-only: the text without dropped words.
        sentences: (s + 1,) int64, memory-mapped, read-only, from 0 to n: sentence i is
            `tokens[sentences[i]:sentences[i + 1]]`; no sentence is empty.
        read: number of words read, with the dropped ones.
        fingerprint: hash of the options and of each text's path, size, modification time and head.
    """

    folder: Path
    words: list[str]
    counts: np.ndarray
    tokens: np.memmap
    sentences: np.memmap
    read: int
    fingerprint: str

    @classmethod
    def open(cls, folder: Path | str) -> EncodedCorpus:
        """Open the files in a folder and check them: sizes, order, range.

        Raises:
            UsageError: there is no encoded text, or it is damaged or of another version.
        """
        folder = Path(folder)
        header = read_header(folder)
        try:
            for name in DATA:
                _same(name, "bytes", (folder / name).stat().st_size, header["sizes"][name])
            words = (folder / WORDS).read_bytes().decode().split("\n")[:-1]
            counts = np.load(folder / COUNTS)
            tokens = np.load(folder / TOKENS, mmap_mode="r")
            sentences = np.load(folder / SENTENCES, mmap_mode="r")
            _check(words, counts, tokens, sentences, header)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{folder}: the encoded text is damaged ({error}); delete the folder; it will be "
                "made again from the text"
            ) from error
        return cls(folder, words, counts, tokens, sentences, header["read"], header["fingerprint"])

    def __len__(self) -> int:
        return len(self.tokens)

    def numbers(self, start: int, end: int) -> np.ndarray:
        """Return the word numbers from `start` to `end` of the text, (end - start,) int32.

        They are read from the file, because pages read through the map `tokens` stay in memory.
        """
        return _read(self.tokens, start, end)


def read_header(folder: Path) -> dict[str, Any]:
    """Return the content of corpus.json.

    Raises:
        UsageError: the file is absent, damaged or of another version.
    """
    path = folder / HEADER
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{folder}: expected an encoded text, but there is no {HEADER}") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read ({error}); delete it") from error
    if not isinstance(header, dict) or header.get("version") != VERSION:
        raise UsageError(
            f"{path}: expected version {VERSION} of an encoded text; delete the folder"
        )
    return header


def _same(name: str, what: str, found: Any, expected: Any) -> None:
    if found != expected:
        raise ValueError(f"{name}: expected {expected} {what}, found {found}")


def _check(
    words: list[str], counts: np.ndarray, tokens: Any, sentences: Any, header: dict[str, Any]
) -> None:
    for name, array, kind in (
        (COUNTS, counts, "<i8"),
        (TOKENS, tokens, "<i4"),
        (SENTENCES, sentences, "<i8"),
    ):
        _same(name, "numbers", (array.ndim, array.dtype.str), (1, kind))
    _same(WORDS, "words", len(words), header["words"])
    _same(COUNTS, "words", len(counts), len(words))
    _same(TOKENS, "numbers", len(tokens), header["tokens"])
    _same(COUNTS, "in sum", int(counts.sum()), len(tokens))
    _same(SENTENCES, "as first number", int(sentences[0]), 0)
    _same(SENTENCES, "as last number", int(sentences[-1]), len(tokens))
    found = np.zeros(len(words), np.int64)
    for some in _parts(tokens):
        if some.min() < 0 or some.max() >= len(words):
            raise ValueError(f"{TOKENS}: a number of no word")
        found += np.bincount(some, minlength=len(words))
    if (found != counts).any():
        raise ValueError(f"{TOKENS}: words are not there as often as {COUNTS} says")
    last = -1
    for some in _parts(sentences):
        if some[0] <= last or (np.diff(some) <= 0).any():
            raise ValueError(f"{SENTENCES}: an end before its beginning")
        last = int(some[-1])


def _read(array: np.memmap, start: int, end: int) -> np.ndarray:
    """Read part of a mapped array from its file."""
    assert array.filename is not None
    with open(array.filename, "rb") as file:
        file.seek(array.offset + start * array.itemsize)
        return np.fromfile(file, array.dtype, end - start)


def _parts(array: np.memmap) -> Iterator[np.ndarray]:
    """Yield a mapped array in chunks."""
    for start in range(0, len(array), _AT_ONCE):
        yield _read(array, start, min(start + _AT_ONCE, len(array)))
