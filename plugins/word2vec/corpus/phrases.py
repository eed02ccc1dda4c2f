"""Phrases: word pairs that occur together often become one word, such as `new_york`.

The score of a pair is (count(a b) - min_count) / (count(a) count(b)) N (Mikolov et al.,
"Distributed Representations of Words and Phrases and their Compositionality", 2013, equation 6),
where N is the number of distinct words and pairs, as in gensim's `Phrases`. Pairs above the
threshold are joined from left to right. Rare words are counted like all others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nntasks.plugins.word2vec.corpus.number_file import NumberFile
from nntasks.plugins.word2vec.corpus.options import CorpusOptions
from nntasks.plugins.word2vec.corpus.sources import LONGEST_WORD

_PAIRS_AT_ONCE = 1 << 23  # largest number of pairs in memory

Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]


def join_phrases(
    text: NumberFile, words: Any, counts: np.ndarray, options: CorpusOptions, engine: Any
) -> np.ndarray:
    """Join pairs in a text, in `options.phrases` passes.

    Args:
        text: word numbers, with -1 after each sentence; rewritten in place.
        words: the words by number; phrases are added.
        counts: (words,) int64.
        options: `phrases`, `phrase_threshold`, `min_count`.
        engine: the compiled loops or the reference.

    Returns:
        counts after joining; 0 for a word that only occurs inside phrases.
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
    """Return the pairs with more than `least` occurrences, and the number of distinct pairs."""
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
    """Return pairs with the numbers of their joined words, without words that are too long."""
    names = [x + b"_" + y for x, y in zip(words.take(a), words.take(b), strict=True)]
    fits = np.array([len(name) <= LONGEST_WORD for name in names], bool)
    text = b" ".join(name for name, fit in zip(names, fits, strict=True) if fit)
    return a[fits], b[fits], words.encode(text, False)[0]
