"""Which words of a text get a vector, and in which order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.sentences.options import Options
from nntasks.plugins.word2vec.sentences.passes import first_vectors

_DROP, _KEEP = 1, 2  # what a trim rule may answer, as gensim numbers it


def chosen_words(counts: Mapping[str, int], options: Options) -> dict[str, int]:
    """Return the words that get a vector, with their counts.

    They stand by falling count, equal ones by their UTF-8 bytes, as in an encoded corpus; or in the
    order of the text if `sorted_vocab` is 0.
    """
    if options.trim_rule is None:
        kept = {word: count for word, count in counts.items() if count >= options.min_count}
    else:
        kept = {word: count for word, count in counts.items() if _is_kept(word, count, options)}
    by_count = sorted(kept)  # code points have the order of their UTF-8
    by_count.sort(key=kept.__getitem__, reverse=True)
    most = by_count[: options.max_final_vocab]
    if options.sorted_vocab:
        return {word: kept[word] for word in most}
    among = set(most)
    return {word: count for word, count in kept.items() if word in among}


def _is_kept(word: str, count: int, options: Options) -> bool:
    rule = options.trim_rule
    said = 0 if rule is None else rule(word, count, options.min_count)
    return said == _KEEP or (said != _DROP and count >= options.min_count)


def new_vectors(words: Mapping[str, int], options: Options) -> KeyedVectors:
    """Return words with small random input vectors and zero output vectors."""
    matrix = first_vectors(len(words), options.vector_size, options.seed, 0)
    counts = np.fromiter(words.values(), np.int64)
    return KeyedVectors.of(list(words), matrix, counts, np.zeros_like(matrix))


def add_words(vectors: KeyedVectors, words: Mapping[str, int], options: Options) -> int:
    """Add words and their counts to vectors; known ones keep theirs. Return how many are new."""
    fresh = [word for word in words if word not in vectors.key_to_index]
    old = [word for word in words if word in vectors.key_to_index]
    rows = first_vectors(len(fresh), options.vector_size, options.seed, len(vectors))
    assert vectors.counts is not None
    vectors.counts[[vectors.index(word) for word in old]] += [words[word] for word in old]
    vectors.add_vectors(fresh, rows, extras={"count": [words[word] for word in fresh]})
    return len(fresh)
