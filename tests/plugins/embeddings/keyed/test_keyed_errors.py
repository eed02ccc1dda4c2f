"""Errors of word vectors: one line for people, and what a script written for gensim catches."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import MissingError, UsageError
from nntasks.plugins.embeddings.keyed import errors
from nntasks.plugins.embeddings.vectors import KeyedVectors

VECTORS = KeyedVectors.of(["a", "b"], np.eye(2, dtype=np.float32))


@pytest.mark.parametrize(
    ("kind", "caught_by", "code"),
    [
        (errors.UnknownWord, (UsageError, KeyError, LookupError), 2),
        (errors.WrongValue, (UsageError, ValueError), 2),
        (errors.WrongType, (UsageError, TypeError), 2),
        (errors.NoKeys, (UsageError, ValueError, ZeroDivisionError), 2),
        (errors.NotOffered, (UsageError, NotImplementedError), 2),
        (errors.RemovedName, (UsageError, AttributeError), 2),
        (errors.NoFile, (UsageError, FileNotFoundError, OSError), 2),
        (errors.MissingPackage, (MissingError, ImportError), MissingError.exit_code),
    ],
)
def test_each_is_caught_by_its_built_in_class_and_shows_its_sentence(kind, caught_by, code):
    for base in caught_by:
        with pytest.raises(base) as caught:
            raise kind("words: expected one, got none")
        assert str(caught.value) == "words: expected one, got none"
    assert kind.exit_code == code


def test_the_vectors_raise_them_where_gensim_does():
    with pytest.raises(KeyError) as caught:
        VECTORS["c"]
    assert str(caught.value) == "'c' is none of the 2 words that have a vector."
    with pytest.raises(AttributeError, match="use key_to_index"):
        VECTORS.vocab  # noqa: B018
    assert not hasattr(VECTORS, "no_such_name")
