"""Nearest words: gensim's answers, in gensim's order."""

from __future__ import annotations

import numpy as np
import pytest
from keyed_sides import both, fail_alike, the_same

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.keyed.neighbours import largest

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:gensim")


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv.most_similar("w1"),
        lambda kv: kv.most_similar(["w1"], ["w2"], 5),
        lambda kv: kv.most_similar("w1", "w2", topn=5),
        lambda kv: kv.most_similar(negative="w3"),
        lambda kv: kv.most_similar(7),
        lambda kv: kv.most_similar([7, "w1"], [np.int64(3)]),
        lambda kv: kv.most_similar(kv["w1"] * 3),
        lambda kv: kv.most_similar(kv.vectors[:3]),
        lambda kv: kv.most_similar([kv["w1"] * 5, "w2"], ["w3", kv["w4"]]),
        lambda kv: kv.most_similar([("w1", 2.0), "w2"], [("w3", -0.25)]),
        lambda kv: kv.most_similar([(kv["w1"], 0.3), ("w2", 2), (5, 0.5), kv["w9"]]),
        lambda kv: kv.most_similar(["w1", "w1", "w2"]),
        lambda kv: kv.most_similar("w1", topn=None),
        lambda kv: kv.most_similar("w1", topn=np.uint8(2)),
        lambda kv: kv.most_similar("w1", topn=0),
        lambda kv: kv.most_similar("w1", topn=-1),
        lambda kv: kv.most_similar("w1", topn=1000),
        lambda kv: kv.most_similar("w30", restrict_vocab=8),
        lambda kv: kv.most_similar("w3", restrict_vocab=0),
        lambda kv: kv.most_similar("w3", topn=None, restrict_vocab=8),
        lambda kv: kv.most_similar("w1", clip_start=5, clip_end=20),
        lambda kv: kv.most_similar("w7", clip_start=5, clip_end=20),
        lambda kv: kv.most_similar("w1", clip_start=-9),
        lambda kv: kv.most_similar("w1", topn=None, clip_start=5, clip_end=9),
        lambda kv: kv.most_similar("w1", clip_start=5, restrict_vocab=12),
        lambda kv: kv.most_similar_cosmul("w1", "w2"),
        lambda kv: kv.most_similar_cosmul(["w1", "w5"], ["w2", "w9"], 5),
        lambda kv: kv.most_similar_cosmul(positive=["w1", kv.get_vector("w2", norm=True)]),
        lambda kv: kv.most_similar_cosmul("w1", topn=None),
        lambda kv: kv.most_similar_cosmul("w1", topn=0),
        lambda kv: kv.similar_by_word("w1", 4),
        lambda kv: kv.similar_by_word("w1", topn=None, restrict_vocab=9),
        lambda kv: kv.similar_by_key(3, topn=3, restrict_vocab=9),
        lambda kv: kv.similar_by_vector(kv["w2"] + kv["w3"], topn=4),
    ],
)
def test_neighbours_are_those_of_gensim(call):
    the_same(call)


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv.most_similar("nowhere"),
        lambda kv: kv.most_similar(["w1"], ["nowhere"]),
        lambda kv: kv.most_similar(),
        lambda kv: kv.most_similar([], []),
        lambda kv: kv.most_similar(1.5),
        lambda kv: kv.most_similar(99),
        lambda kv: kv.most_similar([np.zeros(3)]),
        lambda kv: kv.most_similar("w1", topn=2.5),
        lambda kv: kv.most_similar_cosmul("nowhere"),
        lambda kv: kv.most_similar_cosmul(),
        lambda kv: kv.most_similar_cosmul(negative="w1"),
        lambda kv: kv.most_similar_cosmul([("w1", 2.0)]),
    ],
)
def test_mistakes_fail_as_in_gensim(call):
    fail_alike(call)


def test_the_multiplied_search_is_restricted_as_documented():  # gensim ignores it
    ours, theirs = both()
    among = set(theirs.index_to_key[:9])
    expected = [w for w, _ in theirs.most_similar_cosmul("w30", topn=40) if w in among]
    assert [word for word, _ in ours.most_similar_cosmul("w30", restrict_vocab=9)] == expected


def test_what_is_not_offered_is_refused_by_name():
    with pytest.raises(UsageError, match="indexer is not offered"):
        both()[0].most_similar("w1", indexer=object())
    with pytest.raises(UsageError, match="restrict_vocab: expected a whole number >= 0"):
        both()[0].most_similar("w1", restrict_vocab=-1)


def test_equal_scores_keep_the_order_of_the_words():
    scores = np.array([1, 3, 2, 3, 3, 0], np.float32)
    assert largest(scores, 2).tolist() == [1, 3]
    assert largest(scores, 5).tolist() == [1, 3, 4, 2, 0]
    assert largest(scores, 0).tolist() == []
