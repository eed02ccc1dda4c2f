"""The options of `Word2Vec`: checked, and refused by name."""

from __future__ import annotations

import inspect

import pytest

from nntasks.errors import UsageError
from nntasks.plugins.word2vec.sentences.options import Options, parse


def parsed(given):
    return parse(given, Options, "Word2Vec")


def test_defaults_are_those_of_gensim():
    gensim = pytest.importorskip("gensim.models")
    theirs = inspect.signature(gensim.Word2Vec.__init__).parameters
    ours = {name: value for name, value in vars(Options()).items() if name in theirs}
    assert vars(Options()).keys() - ours.keys() == {"device"}
    assert ours == {name: theirs[name].default for name in ours}


def test_what_cannot_matter_is_accepted():
    given = {"batch_words": 5, "comment": "x", "hashfxn": hash, "cbow_mean": 1, "hs": 0}
    assert parsed({**given, "shrink_windows": True, "cbow_mean": 1}) == Options()
    assert parsed({"sg": 1, "cbow_mean": 0}) == Options(sg=1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"hs": 1}, "hs=1: hierarchical softmax"),
        ({"negative": 0}, "negative=0: hierarchical softmax"),
        ({"cbow_mean": 0}, "cbow_mean=0 is not offered"),
        ({"shrink_windows": False}, "shrink_windows=False is not offered"),
        ({"vektor_size": 5}, "Did you mean 'vector_size'"),
        ({"vector_size": 0}, "vector_size: expected a whole number from 1 to 4096, got 0"),
        ({"window": 2.5}, "window: expected a whole number"),
        ({"epochs": 0}, "epochs"),
        ({"alpha": -1}, "alpha: expected a number from 0 to 10"),
        ({"sample": 2}, "sample"),
        ({"ns_exponent": "x"}, "ns_exponent"),
        ({"max_final_vocab": 0}, "max_final_vocab"),
        ({"sg": 2}, "sg"),
        ({"device": "gpu"}, "device: expected cpu, cuda or cuda:N, got 'gpu'"),
    ],
)
def test_mistakes_are_one_line(given, said):
    with pytest.raises(UsageError, match=said) as caught:
        parsed(given)
    assert "\n" not in str(caught.value)
