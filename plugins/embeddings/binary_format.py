"""The binary format of word2vec: a line `V D`, then for each word the word, a space, D float32.

Rows may end with a line feed: the original tool writes one, gensim does not. Words differ in
length, so rows have no fixed stride; a mapped file is read through an index of its rows.
"""

from __future__ import annotations

import io
import mmap
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.file_checks import (
    LONGEST_HEADER,
    check_finite,
    check_writable,
    read_header,
)
from nntasks.plugins.embeddings.keyed.storage import Storage
from nntasks.plugins.embeddings.reading import Reading, kept_words
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.storage import atomic_write, compression

_LONGEST_WORD = 4096  # bytes


class MappedRows:
    """The rows of a binary file, read on access.

    Args:
        data: the bytes of the file, (N,) uint8.
        offsets: (V,) int64, the start of each row.
        dim: dimensions of a vector.
    """

    def __init__(self, data: np.ndarray, offsets: np.ndarray, dim: int) -> None:
        self._data = data
        self._offsets = offsets
        self.shape = (len(offsets), dim)
        self.dtype = np.dtype(np.float32)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Any:
        """Return one row (D,) or several (N, D), by index or array; by slice as they lie mapped."""
        chosen = self._offsets[rows]
        if isinstance(rows, slice):
            return MappedRows(self._data, chosen, self.shape[1])
        if chosen.ndim == 0:
            return self._row(int(chosen))
        return np.asarray(MappedRows(self._data, chosen, self.shape[1]))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        rows = np.empty(self.shape, dtype=np.float32)
        for place, offset in enumerate(self._offsets.tolist()):
            rows[place] = self._row(offset)
        return rows if dtype is None else rows.astype(dtype, copy=False)

    def _row(self, offset: int) -> np.ndarray:
        return self._data[offset : offset + 4 * self.shape[1]].view("<f4").astype(np.float32)


def read(path: Path, reading: Reading, *, memory_map: bool = False) -> KeyedVectors:
    """Read a file. If mapped, only its words are read now; a compressed file cannot be mapped."""
    with compression.open_content(path) as file:
        count, dim = read_header(file.readline(LONGEST_HEADER), path)
        if isinstance(file, io.BufferedReader):
            start = file.tell()
            data: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        else:
            start, memory_map = 0, False
            data = _decompressed(file, reading.count(count), count, dim)
    words, offsets = _index(data, start, (count, dim), reading, path)
    kept = kept_words(words, path)
    if kept is not None:
        words, offsets = [words[place] for place in kept], offsets[kept]
    rows = MappedRows(np.frombuffer(data, dtype=np.uint8), offsets, dim)
    if memory_map:
        return KeyedVectors.of(words, rows)
    matrix = np.asarray(rows)
    check_finite(matrix, words, path)
    return KeyedVectors.of(words, matrix)


def _decompressed(file: Any, wanted: int, count: int, dim: int) -> bytes:
    """Return the decompressed bytes, up to the last word within the limit."""
    return file.read() if wanted == count else file.read(wanted * (_LONGEST_WORD + 4 * dim))


def _index(
    data: Any, position: int, header: tuple[int, int], reading: Reading, path: Path
) -> tuple[list[str], np.ndarray]:
    """Return the words, and the start of each row.

    Args:
        data: the bytes of the file.
        position: start of the first word.
        header: number of words and dimensions, from the first line.
    """
    words, offsets = [], []
    count, dim = header
    for place in range(1, reading.count(count) + 1):
        if data[position : position + 1] == b"\n":
            position += 1
        space = data.find(b" ", position, position + _LONGEST_WORD)
        if space < 0 or space + 1 + 4 * dim > len(data):
            raise _cut_off(path, header, place, space, len(data) - position)
        words.append(reading.decode(data[position:space], path, place))
        offsets.append(space + 1)
        position = space + 1 + 4 * dim
    whole = reading.count(count) == count
    if whole and data[position : position + 2] not in (b"", b"\n"):
        raise UsageError(
            f"{path}: expected {count} words of {dim} numbers, as the first line says, got more: "
            f"{len(data) - position} bytes follow"
        )
    return words, np.array(offsets, dtype=np.int64)


def _cut_off(path: Path, header: tuple[int, int], place: int, space: int, rest: int) -> UsageError:
    if space < 0 and rest > _LONGEST_WORD:
        return UsageError(
            f"{path}: expected word {place} and a space behind it, found none; is it a binary "
            "word2vec file, and its first line right?"
        )
    return UsageError(
        f"{path} ends early: expected {header[0]} words of {header[1]} numbers, as the first line "
        f"says, got {place - 1}"
    )


def write(vectors: Storage, path: Path, *, header: bool = True) -> None:
    """Write a file like the original tool, with a line feed after each row.

    Without `header` the first line `V D` is left out; such a file cannot be read here.
    """
    check_writable(vectors, " \n", path)
    with atomic_write.opened(path) as file:
        if header:
            file.write(f"{len(vectors)} {vectors.dim}\n".encode())
        for place, word in enumerate(vectors.words):
            row = np.asarray(vectors.matrix[place], dtype="<f4")
            file.write(word.encode() + b" " + row.tobytes() + b"\n")
