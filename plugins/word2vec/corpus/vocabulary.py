"""The vocabulary: words decoded, lower-cased, and sorted by descending count."""

from __future__ import annotations

from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.word2vec.corpus.options import MOST_WORDS, CorpusOptions
from nntasks.plugins.word2vec.corpus.sources import LONGEST_WORD

_AT_ONCE = 1 << 16  # words decoded at a time


def normalised(
    raw: Any, counts: np.ndarray, options: CorpusOptions, engine: Any
) -> tuple[Any, np.ndarray, np.ndarray | None]:
    """Decode words and convert them to lower case as `str.lower` does; equal words are merged.

    Args:
        raw: the words as bytes, a Vocabulary of the engine.
        counts: (words,) int64.
        options: `errors` and `lowercase`.
        engine: the compiled loops or the reference.

    Returns:
        words, their counts, and the new number of each old word: int32, -1 if `errors=ignore` left
        nothing of a word; None if nothing changed.
    """
    if options.errors == "strict" and not options.lowercase:
        return raw, counts, None
    words = engine.Vocabulary(True, 8 * LONGEST_WORD, MOST_WORDS)
    table = np.empty(len(counts), np.int32)
    for start in range(0, len(counts), _AT_ONCE):
        old = np.arange(start, min(start + _AT_ONCE, len(counts)))
        text = b"\n".join(raw.take(old)).decode("utf-8", options.errors)
        if options.lowercase:
            text = text.lower()
        left = np.array([bool(word) for word in text.split("\n")])
        fresh = np.full(len(old), -1, np.int32)
        fresh[left] = words.encode(text.encode(), False)[0]
        table[old] = fresh
    merged = np.zeros(len(words), np.int64)
    np.add.at(merged, table[table >= 0], counts[table >= 0])
    return words, merged, table


def ordered(
    words: Any, counts: np.ndarray, options: CorpusOptions
) -> tuple[list[bytes], np.ndarray]:
    """Return the kept words by descending count, ties by their bytes, and their numbers.

    Raises:
        UsageError: no word is frequent enough, or fewer than two are left.
    """
    kept = np.flatnonzero(counts >= options.min_count)
    if not len(kept):
        raise _all_rare(words, counts, options)
    texts = words.take(kept)
    by_text = np.array(sorted(range(len(kept)), key=texts.__getitem__))
    order = by_text[np.argsort(-counts[kept][by_text], kind="stable")][: options.max_vocabulary]
    if len(order) < 2:
        raise UsageError(
            f"one word only ({texts[0].decode()!r}, {counts[kept[0]]:,} times): expected at least "
            f"two different words that occur {options.min_count} times (min_count) or more"
        )
    return [texts[place] for place in order.tolist()], kept[order]


def _all_rare(words: Any, counts: np.ndarray, options: CorpusOptions) -> UsageError:
    most = int(counts.argmax())
    name = words.take(np.array([most]))[0].decode()
    return UsageError(
        f"all {np.count_nonzero(counts):,} words occur fewer than min_count={options.min_count} "
        f"times; the most frequent, {name!r}, occurs {counts[most]:,} times: set "
        f"min_count={counts[most]} or less, or give more text"
    )
