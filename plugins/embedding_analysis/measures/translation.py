"""Translation between two sets of vectors by a rotation that is learned from a word list.

S. Smith, D. Turban, S. Hamblin, N. Hammerla, "Offline bilingual word vectors, orthogonal
transformations and the inverted softmax", ICLR 2017: both sets have rows of length 1, and the
rotation is that of Procrustes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.measures.alignment import rotation
from nntasks.plugins.embeddings.keyed.neighbours import largest
from nntasks.plugins.embeddings.lines import read_lines
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.seeding import Seeds

Dictionary = Mapping[str, Sequence[str]]  # translations of each word

_SIZES = (10, 30, 100, 300, 1000, 3000)  # words to learn from, besides all
_TESTED = 5  # one word of so many is kept for the test
_LEAST = 10  # words with vectors, of which two are tested
WITHIN = 5


@dataclass(frozen=True)
class Translation:
    """How well a rotation translates words that it was not learned from.

    Attributes:
        learned: number of words that it was learned from.
        tested: number of other words.
        first: words whose nearest word is one of their translations.
        within: words with a translation among the `WITHIN` nearest.
    """

    learned: int
    tested: int
    first: int
    within: int


def read_dictionary(path: Path) -> dict[str, list[str]]:
    """Read lines of two words, a word and its translation; `#` begins a comment.

    Raises:
        UsageError: a line is malformed, or there is none.
    """
    found: dict[str, list[str]] = {}
    for number, line in enumerate(read_lines(path, "a dictionary"), start=1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if len(words) != 2:
            raise UsageError(
                f"{path}, line {number}: expected a word and its translation, got {line[:60]!r}"
            )
        found.setdefault(words[0], []).append(words[1])
    if not found:
        raise UsageError(f"{path} has no words: expected a word and its translation per line")
    return found


def translations(
    source: KeyedVectors, target: KeyedVectors, dictionary: Dictionary, restrict: int, seed: int
) -> list[Translation]:
    """Learn rotations from more and more words of a dictionary, and test each on the same others.

    Args:
        source: vectors of the words to translate.
        target: vectors of their translations.
        dictionary: pairs without vectors are left out.
        restrict: translations are searched among so many most frequent words.
        seed: decides which words are tested: one of five.

    Raises:
        UsageError: too few words have vectors in both sets.
    """
    most = min(restrict, len(target))
    known = {
        word: places
        for word, words in dictionary.items()
        if word in source
        and (places := [target.index(w) for w in words if w in target and target.index(w) < most])
    }
    if len(known) < _LEAST:
        raise UsageError(
            f"dictionary: expected {_LEAST} words or more with vectors in both sets, got "
            f"{len(known)} of {len(dictionary)}"
        )
    words = list(known)
    order = Seeds(seed).numpy("translation").permutation(len(words))
    count = max(len(words) // _TESTED, 2)
    tested, learned = ([words[place] for place in part] for part in (order[:count], order[count:]))
    sizes = [*(size for size in _SIZES if size < len(learned)), len(learned)]
    return [_tested(source, target.unit[:most], known, learned[:size], tested) for size in sizes]


def _tested(
    source: KeyedVectors,
    target: np.ndarray,
    known: Mapping[str, Sequence[int]],
    learned: Sequence[str],
    tested: Sequence[str],
) -> Translation:
    pairs = [(source.index(word), place) for word in learned for place in known[word]]
    rows, places = np.array(pairs).T
    turned = source.unit[[source.index(word) for word in tested]] @ rotation(
        source.unit[rows], target[places]
    )
    nearest = [largest(scores, WITHIN).tolist() for scores in turned @ target.T]
    return Translation(
        len(learned),
        len(tested),
        sum(near[0] in known[word] for word, near in zip(tested, nearest, strict=True)),
        sum(bool({*near} & {*known[word]}) for word, near in zip(tested, nearest, strict=True)),
    )
