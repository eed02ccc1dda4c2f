"""Files of word counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.lines import read_lines
from nntasks.plugins.embeddings.reading import Reading
from nntasks.plugins.embeddings.vectors import KeyedVectors

_LONGEST = 18  # digits; any such number fits int64


def with_counts(vectors: KeyedVectors, path: Path, reading: Reading | None = None) -> KeyedVectors:
    """Return the vectors with counts from a file of one word and count per line.

    Args:
        vectors: the words; absent ones get 0.
        path: the file.
        reading: its encoding; UTF-8 if omitted.

    Raises:
        UsageError: the file cannot be read, a line is malformed, or no word has a vector.
    """
    seen: dict[str, int] = {}
    reading = reading or Reading()
    lines = read_lines(path, "counts", reading.encoding, reading.errors)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        word, _, count = line.rstrip().replace("\t", " ").rpartition(" ")
        if not word or not _is_count(count):
            raise UsageError(
                f"{path}, line {number}: expected a word and its count, below 10^18, got "
                f"{line[:60]!r}"
            )
        seen[word.strip()] = int(count)
    if not any(word in seen for word in vectors.words):
        raise UsageError(f"{path}: expected counts of words that have vectors, found none")
    counts = np.array([seen.get(word, 0) for word in vectors.words], dtype=np.int64)
    return KeyedVectors.of(vectors.words, vectors.matrix, counts, vectors.output)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST
