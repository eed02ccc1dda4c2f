"""Vectors as text: one word per line, then its D numbers, separated by spaces or tabs.

The first line may be `V D`, as in word2vec and fastText; GloVe has no such line.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO, Any

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

_ROWS = 1024  # rows written at a time
_BOM = b"\xef\xbb\xbf"
_LOOKED_AT = 10  # lines that decide the dimensions of a file without a header


def read(path: Path, reading: Reading) -> KeyedVectors:
    """Read a file. Words may contain spaces: numbers are counted from the end of the line.

    With a limit, the rest of the file is not read.
    """
    with compression.open_content(path) as file:
        lines = _Lines(file)
        header = _header(lines, path)
        count, dim = header or (None, _dim(lines, path))
        words, rows = _rows(lines, count, dim, reading, path)
    if not words:
        raise UsageError(f"{path}: expected a word and its numbers per line, got none")
    matrix = np.stack(rows)
    check_finite(matrix, words, path)
    kept = kept_words(words, path)
    if kept is None:
        return KeyedVectors.of(words, matrix)
    return KeyedVectors.of([words[place] for place in kept], matrix[kept])


class _Lines:
    """The lines of a file, with lookahead; in bytes, because Unicode has other line ends."""

    def __init__(self, file: Any) -> None:
        self._file, self._ahead = file, [file.readline().removeprefix(_BOM)]
        self.number = 0

    def next(self) -> bytes:
        """Return the next line, or b"" at the end."""
        self.number += 1
        return self._ahead.pop(0) if self._ahead else self._file.readline()

    def look(self, count: int) -> list[bytes]:
        """Return the next lines without consuming them."""
        while len(self._ahead) < count:
            self._ahead.append(self._file.readline())
        return self._ahead[:count]


def _header(lines: _Lines, path: Path) -> tuple[int, int] | None:
    """Return V and D of a first line `V D`; None if the first line is a word."""
    first, second = (line.split() for line in lines.look(2))
    numbers = len(first) == 2 and all(part.isdigit() for part in first)
    if len(first) < 2 or (numbers and (len(second) != 2 or first[1] == b"1")):
        return read_header(lines.next()[:LONGEST_HEADER], path)
    return None  # a word, even if it is a number with a one-dimensional vector


def _dim(lines: _Lines, path: Path) -> int:
    """Return the dimensions of a vector. Words with spaces make some lines look longer."""
    sizes = [len(line.split()) - 1 for line in lines.look(_LOOKED_AT) if line.strip()]
    return max(min(sizes), 1)


def _rows(
    lines: _Lines, count: int | None, dim: int, reading: Reading, path: Path
) -> tuple[list[str], list[np.ndarray]]:
    words: list[str] = []
    rows: list[np.ndarray] = []  # no array in advance, because the header may be wrong
    while reading.limit is None or len(words) < reading.limit:
        line = lines.next()
        if not line:
            break
        if not line.strip():
            continue
        if len(words) == count:
            raise UsageError(f"{path}: expected {count} words, as the first line says, got more")
        word, row = _parse(line, dim, path, lines.number)
        words.append(reading.decode(word, path, len(words) + 1))
        rows.append(row)
    if count is not None and len(words) < reading.count(count):
        raise UsageError(
            f"{path} ends early: expected {count} words, as the first line says, got {len(words)}"
        )
    return words, rows


def _parse(line: bytes, dim: int, path: Path, number: int) -> tuple[bytes, np.ndarray]:
    *word, row = _split(line, dim)
    if not word or row is None:
        shown = line[:40].decode("utf-8", "replace").rstrip()
        raise UsageError(
            f"{path}, line {number}: expected a word and {dim} numbers, got {shown!r}..."
        )
    return b" ".join(word), row


def _split(line: bytes, dim: int) -> list[Any]:
    """Return the parts of the word and the row (D,) float32; None if it is not numeric."""
    parts = line.split()  # at runs of ASCII white space only
    try:
        with np.errstate(over="ignore"):  # 1e40 becomes infinite, which is refused by name
            row = np.array(parts[-dim:], dtype=np.float32)
    except ValueError:
        return [*parts[:-dim], None]
    return [*parts[:-dim], row if row.shape == (dim,) else None]


def write(vectors: Storage, path: Path, *, header: bool = True) -> None:
    """Write a file, compressed if its name ends in .gz; nine digits keep float32 exact.

    Without `header` the first line `V D` is left out, as in GloVe's files.
    """
    check_writable(vectors, " \n", path)
    with atomic_write.opened(path) as file:
        if path.suffix == ".gz":
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                _write(vectors, packed, header)
        else:
            _write(vectors, file, header)


def _write(vectors: Storage, file: IO[bytes] | gzip.GzipFile, header: bool) -> None:
    if header:
        file.write(f"{len(vectors)} {vectors.dim}\n".encode())
    numbers = " ".join(["%.9g"] * vectors.dim)
    for start in range(0, len(vectors), _ROWS):
        rows = np.asarray(vectors.matrix[start : start + _ROWS], dtype=np.float32).tolist()
        words = vectors.words[start : start + _ROWS]
        lines = [f"{w} {numbers % tuple(row)}\n" for w, row in zip(words, rows, strict=True)]
        file.write("".join(lines).encode())
