"""Small texts with words that keep company, as lists of sentences."""

from __future__ import annotations

import numpy as np

TOPICS = (
    ["cat", "dog", "horse", "cow", "sheep"],
    ["red", "green", "blue", "white", "black"],
    ["one", "two", "three", "four", "five"],
)


def sentences(count=300, seed=0):
    """Return sentences of six words, each of one topic."""
    rng = np.random.default_rng(seed)
    return [[str(w) for w in rng.choice(TOPICS[n % 3], 6)] for n in range(count)]


class Again:
    """Sentences that are read again each time, and how often that was."""

    def __init__(self, lists):
        self.lists, self.reads = lists, 0

    def __iter__(self):
        self.reads += 1
        yield from self.lists
