"""The character n-grams of words as buckets, in Python; csrc/corpus/character_ngrams.h is faster.

fastText's subwords: Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword
Information", 2017, arXiv 1607.04606.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

_OFFSET, _PRIME, _WORD = 2166136261, 16777619, 0xFFFFFFFF  # FNV-1a of 32 bits


def ngrams(word: str, least: int, most: int) -> Iterator[str]:
    """Yield the n-grams of "<word>" of `least` to `most` characters, by start and then length.

    A single "<" or ">" is no n-gram.
    """
    marked = f"<{word}>"
    for start in range(len(marked)):
        for end in range(start + least, min(start + most, len(marked)) + 1):
            if end - start > 1 or 0 < start < len(marked) - 1:
                yield marked[start:end]


def ngram_hash(ngram: str) -> int:
    """Return the FNV-1a of the UTF-8 bytes, 0 to 2^32 - 1; their sign is extended, as in fastText.

    fastText's stored models depend on that slip: a byte from 128 on also flips the upper 24 bits.
    """
    value = _OFFSET
    for byte in ngram.encode("utf-8", "surrogatepass"):
        value ^= byte if byte < 128 else byte | 0xFFFFFF00
        value = value * _PRIME & _WORD
    return value


def ngram_buckets(
    words: Sequence[bytes], least: int, most: int, buckets: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the buckets of the n-grams of words.

    Args:
        words: W words in UTF-8.
        least, most: characters of an n-gram, from 1.
        buckets: number of buckets, from 1 to 2^31 - 1.

    Returns:
        (W + 1,) int64, where those of each word begin, and the end; int32, the buckets.
    """
    found: list[int] = []
    starts = [0]
    for word in words:
        text = word.decode("utf-8", "surrogatepass")
        found.extend(ngram_hash(one) % buckets for one in ngrams(text, least, most))
        starts.append(len(found))
    return np.array(starts, np.int64), np.array(found, np.int32)
