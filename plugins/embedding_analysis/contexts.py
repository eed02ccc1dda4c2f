"""The words that typically stand around a word: by output vectors, or counted in a text."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.vectors import WordVectors, largest

LISTED = 200  # contexts that are kept a word
WINDOW = 5  # words on either side
_LEAST = 5  # times that two words must meet: rarer ones have high values by chance
_LONGEST = 1 << 20  # bytes of a line that are taken at a time


def contexts_by_output(vectors: WordVectors, words: Sequence[str]) -> list[list[tuple[str, float]]]:
    """Return the contexts with the largest products of input and output vector, for each word."""
    assert vectors.output is not None
    output = np.asarray(vectors.output, dtype=np.float32)
    found = []
    for word in words:
        scores = output @ vectors[word]
        found.append([(vectors.words[i], float(scores[i])) for i in largest(scores, LISTED)])
    return found


def contexts_in_text(
    path: Path, words: Sequence[str], vectors: WordVectors
) -> list[list[tuple[str, float]]]:
    """Return contexts by pointwise mutual information in a text, for each word.

    ln(n(word, context) N / (n(word) n(context))) over pairs at most five words apart within a line,
    for contexts that have a vector and were met at least five times.

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
            if count >= _LEAST and other in vectors
        ]
        found.append(sorted(values, key=lambda pair: (-pair[1], pair[0]))[:LISTED])
    return found


def _lines(path: Path) -> Iterator[list[str]]:
    """Yield the words of each line, of endless ones in pieces."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as file:
        rest = b""
        while piece := file.readline(_LONGEST):
            whole, rest = rest + piece, b""
            if not whole.endswith(b"\n"):  # the line goes on: its last word may be cut
                whole, _, rest = whole.rpartition(b" ")
            yield whole.decode("utf-8").split()
        if rest:
            yield rest.decode("utf-8").split()
