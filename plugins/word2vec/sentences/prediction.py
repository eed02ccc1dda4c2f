"""What a trained model expects: its output vectors, and words from their contexts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nntasks.plugins.embeddings.keyed.neighbours import largest
from nntasks.plugins.embeddings.vectors import KeyedVectors


class Prediction:
    """A model with input and output vectors, `wv`."""

    wv: KeyedVectors

    def predict_output_word(
        self, context_words_list: Iterable[Any], topn: int | None = 10
    ) -> list[tuple[str, float]] | None:
        """Return the words that the model expects among context words, with probabilities.

        Args:
            context_words_list: words or indices; unknown words are left out.
            topn: number of words; None for all.

        Returns:
            (word, probability) by falling probability; None if no context word is known.
        """
        known = [word for word in context_words_list if word in self.wv]
        if not known:
            return None
        mean = np.mean([self.wv[word] for word in known], axis=0, dtype=np.float64)
        scores = np.asarray(self.wv.output, dtype=np.float64) @ mean
        odds = np.exp(scores - scores.max())
        odds /= odds.sum()
        chosen = largest(odds, len(odds) if topn is None else topn)
        return [(self.wv.words[place], float(odds[place])) for place in chosen]

    @property
    def syn1neg(self) -> np.ndarray:
        """(V, D) float32, the output vectors."""
        return np.asarray(self.wv.output)
