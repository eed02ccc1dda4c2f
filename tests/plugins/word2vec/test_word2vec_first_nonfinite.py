"""Which words a diverged training names."""

from __future__ import annotations

import torch

from nntasks.plugins.word2vec.first_nonfinite import first_nonfinite

WORDS = ["cat", "dog", "owl"]


def found(train, inputs):
    return first_nonfinite(inputs, torch.zeros(3, 16), WORDS, train, 0, 1000)


def test_the_word_whose_vector_is_not_finite_first():
    inputs = torch.zeros(3, 16)

    def train(first, last):
        if first <= 500 < last:
            inputs[1, 3] = torch.inf

    cause = found(train, inputs)
    assert (cause.place, cause.tensor) == ("'dog'", "the input vectors")
    assert "between words 384 and 512" in cause.detail


def test_the_word_whose_products_overflow_though_its_vector_is_finite():
    inputs = torch.zeros(3, 16)
    inputs[2, 5] = 1e20
    cause = found(lambda first, last: None, inputs)
    assert (cause.place, cause.tensor) == ("'owl'", "a dot product")
    assert "values up to 1e+20" in cause.detail


def test_none_where_all_is_finite_and_small():
    assert found(lambda first, last: None, torch.ones(3, 16)) is None
