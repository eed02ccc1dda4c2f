"""Which words stand on a map, and to which group each belongs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.groups import Groups, spelling
from nntasks.plugins.embeddings.vectors import WordVectors

CHOSEN, FREQUENT = "chosen words", "frequent words"


def map_words(
    vectors: WordVectors,
    words: Sequence[str],
    groups: Groups,
    most: int,
    allowed: Mapping[str, int] | None = None,
) -> dict[str, str]:
    """Return the group of each word of the map.

    Chosen words come first, then those of the groups in turn, one of each; without either the most
    frequent words.

    Args:
        vectors: whose words they are.
        words: chosen ones.
        groups: of words that have vectors.
        most: words on the map.
        allowed: only these, e.g. those that several sets have in common; None for all.

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
