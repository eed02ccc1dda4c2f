"""Means of words and vectors: gensim's numbers."""

from __future__ import annotations

import pytest
from keyed_sides import both, fail_alike, the_same


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv.get_mean_vector(["w1", "w2"]),
        lambda kv: kv.get_mean_vector(["w1", "w2"], [1, -2], post_normalize=True),
        lambda kv: kv.get_mean_vector(["w1", "w2"], weights=[0, 0]),
        lambda kv: kv.get_mean_vector([kv["w1"] * 3, "w2"], [0.5, 0.7], pre_normalize=False),
        lambda kv: kv.get_mean_vector([kv["w1"] * 3, "w2", 4], [0.5, 0.7, 1]),
        lambda kv: kv.get_mean_vector(["w1", "nowhere"], [1, 3]),
        lambda kv: kv.get_mean_vector(["nowhere"]),
    ],
)
def test_means_are_those_of_gensim(call):
    the_same(call)


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv.get_mean_vector([]),
        lambda kv: kv.get_mean_vector(["w1", "w2"], weights=[1]),
        lambda kv: kv.get_mean_vector(["w1", "nowhere"], ignore_missing=False),
    ],
)
def test_mistakes_fail_as_in_gensim(call):
    fail_alike(call)


def test_a_word_is_one_key():  # gensim takes it for a list of letters
    ours, _ = both()
    assert ours.get_mean_vector("w1").tolist() == ours.get_vector("w1", norm=True).tolist()
