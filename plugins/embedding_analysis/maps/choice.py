"""The choice of words for a map, and their groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.groups import Groups, spelling
from nntasks.plugins.embeddings.vectors import KeyedVectors

CHOSEN, FREQUENT = "chosen words", "frequent words"


def map_words(
    vectors: KeyedVectors,
    words: Sequence[str],
    groups: Groups,
    most: int,
    allowed: Mapping[str, int] | None = None,
) -> dict[str, str]:
    """Return the group of each word of the map.

    Chosen words come first, then words of the groups in turn. Without either, the most frequent
    words are taken.

    Args:
        vectors: the vectors with the words.
        words: the chosen words.
        groups: groups of words with vectors.
        most: largest number of words.
        allowed: the words to choose from, such as those common to several sets; None for all.

    Raises:
        UsageError: a chosen word has no vector.
    """
    found: dict[str, str] = {}
    for word in words:
        form = spelling(word, vectors)
        found[form if form is not None else vectors.words[vectors.index(word)]] = CHOSEN
    missing = sorted(word for word in found if allowed is not None and word not in allowed)
    if missing:
        raise UsageError(f"words: not all sets of vectors have {', '.join(missing)}")
    by_turns = zip_longest(*([(w, name) for w in members] for name, members in groups.items()))
    candidates = [pair for turn in by_turns for pair in turn if pair is not None]
    if not candidates and not found:
        candidates = [(word, FREQUENT) for word in vectors.words]
    for word, name in candidates:
        if len(found) >= most:
            break
        if allowed is None or word in allowed:
            found.setdefault(word, name)
    return found
