"""Words and their vectors, with the methods and the answers of gensim's `KeyedVectors`."""

from __future__ import annotations

from typing import Any

from nntasks.plugins.embeddings.keyed.errors import RemovedName
from nntasks.plugins.embeddings.keyed.files import Files

_INSTEAD = {  # names of gensim that this class does not have
    "vocab": "key_to_index",
    "index2word": "index_to_key",
    "index2entity": "index_to_key",
    "syn0": "vectors",
    "syn0norm": "get_normed_vectors()",
    "vectors_norm": "get_normed_vectors()",
    "word_vec": "get_vector",
    "init_sims": "fill_norms",
    "expandos": "attributes",
    "accuracy": "evaluate_word_analogies",
    "log_accuracy": "the result of evaluate_word_analogies",
    "log_evaluate_word_pairs": "the result of evaluate_word_pairs",
    "add_lifecycle_event": "a logger of your own",
    "lifecycle_events": "a logger of your own",
}


class KeyedVectors(Files):
    """Words in descending order of frequency, with a vector each.

    `KeyedVectors(vector_size)` is empty, as in gensim; `KeyedVectors.of(words, matrix)` takes
    arrays. What gensim's methods do, and where these differ, stands in the table of this
    plugin's README.
    """

    def __getattr__(self, name: str) -> Any:
        instead = f"use {_INSTEAD[name]}" if name in _INSTEAD else "see dir() for what there is"
        raise RemovedName(f"{type(self).__name__!r} object has no attribute {name!r}; {instead}")
