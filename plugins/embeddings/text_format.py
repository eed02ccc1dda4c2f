"""The text format of word2vec: a line `V D`, then a line a word: the word and D numbers."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO, Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.file_checks import (
    LONGEST_HEADER,
    check_finite,
    check_words,
    check_writable,
    decode,
    read_header,
)
from nntasks.plugins.embeddings.vectors import WordVectors
from nntasks.storage import atomic_write

_ROWS = 1024  # written at a time
_GZIP = b"\x1f\x8b"


def read(path: Path) -> WordVectors:
    """Read a file; a word may hold spaces, as its numbers are counted from the end of the line."""
    with open(path, "rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        return _read(gzip.open(raw) if packed else raw, path)


def _read(file: Any, path: Path) -> WordVectors:
    count, dim = read_header(file.readline(LONGEST_HEADER), path)
    words: list[str] = []
    rows: list[np.ndarray] = []  # not one array at once: the header may promise too much
    for line in file:  # bytes: lines end at "\n" and at no other sign of Unicode
        if len(words) == count:
            if line.strip():
                raise UsageError(
                    f"{path}: expected {count} words, as the first line says, got more"
                )
            continue
        word, row = _parse(line, dim, path, len(words) + 1)
        words.append(word)
        rows.append(row)
    if len(words) < count:
        raise UsageError(
            f"{path} ends early: expected {count} words, as the first line says, got {len(words)}"
        )
    matrix = np.stack(rows)
    check_words(words, path)
    check_finite(matrix, words, path)
    return WordVectors(words, matrix)


def _parse(line: bytes, dim: int, path: Path, place: int) -> tuple[str, np.ndarray]:
    word, *numbers = line.rstrip(b" \r\n").rsplit(b" ", dim)
    try:
        row = np.array(numbers, dtype=np.float32)
    except ValueError:
        row = np.empty(0, dtype=np.float32)
    if row.shape != (dim,):
        shown = line[:40].decode("utf-8", "replace").rstrip()
        raise UsageError(
            f"{path}, line {place + 1}: expected a word and {dim} numbers, got {shown!r}..."
        )
    return decode(word, path, place), row


def write(vectors: WordVectors, path: Path) -> None:
    """Write a file, packed if its name ends in .gz; nine digits keep every bit of a float32."""
    check_writable(vectors, " \n", path)
    with atomic_write.opened(path) as file:
        if path.suffix == ".gz":
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                _write(vectors, packed)
        else:
            _write(vectors, file)


def _write(vectors: WordVectors, file: IO[bytes] | gzip.GzipFile) -> None:
    file.write(f"{len(vectors)} {vectors.dim}\n".encode())
    numbers = " ".join(["%.9g"] * vectors.dim)
    for start in range(0, len(vectors), _ROWS):
        rows = np.asarray(vectors.matrix[start : start + _ROWS], dtype=np.float32).tolist()
        words = vectors.words[start : start + _ROWS]
        lines = [f"{w} {numbers % tuple(row)}\n" for w, row in zip(words, rows, strict=True)]
        file.write("".join(lines).encode())
