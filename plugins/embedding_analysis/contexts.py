"""Typical contexts of a word, from output vectors or from counts in a text."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.keyed.neighbours import largest
from nntasks.plugins.embeddings.vectors import KeyedVectors

LISTED = 200  # contexts kept per word
WINDOW = 5  # words on each side
_LEAST = 5  # least co-occurrences; rarer pairs reach high values by chance
_LONGEST = 1 << 20  # bytes of a line read at a time


def contexts_by_output(
    vectors: KeyedVectors, words: Sequence[str]
) -> list[list[tuple[str, float]]]:
    """Return the contexts with the largest input-output products, for each word."""
    assert vectors.output is not None
    output = np.asarray(vectors.output, dtype=np.float32)
    found = []
    for word in words:
        scores = output @ vectors[word]
        found.append([(vectors.words[i], float(scores[i])) for i in largest(scores, LISTED)])
    return found


def contexts_in_text(
    path: Path, words: Sequence[str], vectors: KeyedVectors
) -> list[list[tuple[str, float]]]:
    """Return contexts by pointwise mutual information in a text, for each word.

    ln(n(word, context) N / (n(word) n(context))) over pairs at most five words apart within a line,
    for contexts with a vector and at least five co-occurrences.

    Raises:
        UsageError: the text cannot be read.
    """
    total: Counter[str] = Counter()
    met: dict[str, Counter[str]] = {word: Counter() for word in words}
    try:
        for line in _lines(path):
            total.update(line)
            for place, word in enumerate(line):
                if word in met:
                    met[word].update(line[max(0, place - WINDOW) : place])
                    met[word].update(line[place + 1 : place + 1 + WINDOW])
    except OSError as error:
        raise UsageError(f"cannot read text {path}: {error.strerror or error}") from error
    except (EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read text {path}: {error}") from error
    every = sum(total.values())
    found = []
    for word in words:
        around = sum(met[word].values())
        values = [
            (other, float(np.log(count * every / (around * total[other]))))
            for other, count in met[word].items()
            if count >= _LEAST and vectors.has_index_for(other)
        ]
        found.append(sorted(values, key=lambda pair: (-pair[1], pair[0]))[:LISTED])
    return found


def _lines(path: Path) -> Iterator[list[str]]:
    """Yield the words of each line; long lines in pieces."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as file:
        rest = b""
        while piece := file.readline(_LONGEST):
            whole, rest = rest + piece, b""
            if len(piece) == _LONGEST and not whole.endswith(b"\n"):  # a word may be cut
                whole, _, rest = whole.rpartition(b" ")
            yield whole.decode("utf-8").split()
        if rest:
            yield rest.decode("utf-8").split()
