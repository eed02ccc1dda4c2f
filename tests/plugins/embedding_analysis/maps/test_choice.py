"""Which words come onto a map, and in which group."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.maps.choice import CHOSEN, FREQUENT, map_words
from nntasks.plugins.embeddings.vectors import KeyedVectors

VECTORS = KeyedVectors.of(list("abcdef"), np.eye(6, dtype=np.float32))
GROUPS = {"one": ["a", "b", "c"], "two": ["d", "a"]}


def test_groups_take_turns_and_a_word_stays_in_its_first():
    found = map_words(VECTORS, [], GROUPS, 10)
    assert list(found.items()) == [("a", "one"), ("d", "two"), ("b", "one"), ("c", "one")]


def test_chosen_words_come_first_whatever_the_limit():
    assert map_words(VECTORS, ["f", "d"], GROUPS, 3) == {"f": CHOSEN, "d": CHOSEN, "a": "one"}
    assert list(map_words(VECTORS, ["f", "d"], GROUPS, 1)) == ["f", "d"]


def test_without_words_and_groups_the_most_frequent_ones():
    assert map_words(VECTORS, [], {}, 2) == {"a": FREQUENT, "b": FREQUENT}
    assert map_words(VECTORS, ["f"], {}, 4) == {"f": CHOSEN}


def test_only_words_that_are_allowed():
    allowed = {"b": 0, "d": 0}
    assert map_words(VECTORS, [], GROUPS, 9, allowed) == {"d": "two", "b": "one"}
    with pytest.raises(UsageError, match="words: not all sets of vectors have c, f"):
        map_words(VECTORS, ["f", "b", "c"], {}, 9, allowed)


def test_a_chosen_word_is_found_in_lower_case_or_is_one_line():
    assert map_words(VECTORS, ["A"], {}, 9) == {"a": CHOSEN}
    with pytest.raises(UsageError, match="'z' is none of the 6 words"):
        map_words(VECTORS, ["z"], {}, 9)
