"""Phrases: neighbours that belong together become one word, `new_york`.

The score of a pair is (count(a b) - min_count) / (count(a) count(b)) N (Mikolov et al.,
"Distributed Representations of Words and Phrases and their Compositionality", 2013, equation 6),
where N is the number of different words and different pairs, as gensim's `Phrases` has it. Pairs
above the threshold are joined from the left to the right; rare words count as any others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nntasks.plugins.word2vec.corpus.number_file import NumberFile
from nntasks.plugins.word2vec.corpus.options import CorpusOptions
from nntasks.plugins.word2vec.corpus.sources import LONGEST_WORD

_PAIRS_AT_ONCE = 1 << 23  # at most as many pairs are in memory together

Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]


def join_phrases(
    text: NumberFile, words: Any, counts: np.ndarray, options: CorpusOptions, engine: Any
) -> np.ndarray:
    """Join pairs in a text, in as many passes as the options say.

    Args:
        text: the numbers of the words, -1 behind each sentence; rewritten.
        words: by number; phrases are added.
        counts: (words,) int64.
        options: `phrases`, `phrase_threshold`, `min_count`.
        engine: compiled loops or reference.

    Returns:
        counts after joining; 0 for a word that is only ever part of a phrase.
    """
    for _ in range(options.phrases):
        (a, b, together), distinct = _counted(text, options.min_count, engine)
        n = float(np.count_nonzero(counts) + distinct)
        of_words = counts[a].astype(np.float64) * counts[b]
        chosen = (together - options.min_count) / of_words * n > options.phrase_threshold
        a, b, joined = _named(words, a[chosen], b[chosen])
        if not len(a):
            break
        joiner = engine.Joiner(a, b, joined)
        text.rewrite(joiner.add)
        counts = np.pad(counts, (0, len(words) - len(counts)))
        for places, sign in ((a, -1), (b, -1), (joined, 1)):
            np.add.at(counts, places, sign * joiner.counts())
    return counts


def _counted(text: NumberFile, least: int, engine: Any) -> tuple[Pairs, int]:
    """Return the pairs with more than `least` occurrences, and the number of all pairs."""
    parts = max(1, -(-text.size // _PAIRS_AT_ONCE))
    found: list[Pairs] = []
    distinct = 0
    for part in range(parts):
        pairs = engine.PairCounts(part, parts)
        for block in text.blocks():
            pairs.add(block)
        found.append(pairs.above(least))
        distinct += len(pairs)
    a, b, together = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    return (a, b, together), distinct


def _named(words: Any, a: np.ndarray, b: np.ndarray) -> Pairs:
    """Return pairs with the numbers of the words that they become; leave out those too long."""
    names = [x + b"_" + y for x, y in zip(words.take(a), words.take(b), strict=True)]
    fits = np.array([len(name) <= LONGEST_WORD for name in names], bool)
    text = b" ".join(name for name, fit in zip(names, fits, strict=True) if fit)
    return a[fits], b[fits], words.encode(text, False)[0]
