"""Looking up words, indices and attributes: as in gensim."""

from __future__ import annotations

import numpy as np
import pytest
from keyed_sides import both, fail_alike, the_same

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.vectors import KeyedVectors


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv["w1"],
        lambda kv: kv[3],
        lambda kv: kv[["w1", "w5"]],
        lambda kv: kv[("w1", 5)],
        lambda kv: kv.get_vector("w1", norm=True),
        lambda kv: kv.get_vector(np.int64(3)),
        lambda kv: [kv.get_index("w3"), kv.get_index("nowhere", 7), kv.get_index(2)],
        lambda kv: ["w1" in kv, 0 in kv, "nowhere" in kv, 99 in kv, -1 in kv],
        lambda kv: [kv.has_index_for("w1"), kv.has_index_for("nowhere")],
        lambda kv: [len(kv), kv.vector_size, kv.index_to_key, kv.key_to_index, kv.vectors],
        lambda kv: str(kv),
        lambda kv: kv.get_normed_vectors(),
        lambda kv: (kv.fill_norms(), kv.norms),
        lambda kv: kv["w1"].flags.writeable,
    ],
)
def test_look_ups_are_those_of_gensim(call):
    the_same(call)


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv["nowhere"],
        lambda kv: kv[["w1", "nowhere"]],
        lambda kv: kv[3.5],
        lambda kv: kv[[]],
        lambda kv: kv.get_index("nowhere"),
        lambda kv: kv.get_vector(99),
        lambda kv: kv.vocab,
        lambda kv: kv.index2word,
    ],
)
def test_mistakes_fail_as_in_gensim(call):
    fail_alike(call)


def test_vectors_changed_by_hand_need_their_lengths_again():
    ours, theirs = both()
    for kv in (ours, theirs):
        kv.fill_norms()
        kv.vectors[3] *= 7
        kv.vectors[3, 0] = 5
        kv.fill_norms(force=True)
    np.testing.assert_allclose(ours.norms, theirs.norms, rtol=1e-6)
    assert ours.most_similar("w1", topn=1)[0][0] == theirs.most_similar("w1", topn=1)[0][0]
    ours.vectors = np.ones((40, 6), np.float32)
    assert ours.similarity("w1", "w2") == pytest.approx(1)
    assert ours.unit[0, 0] == pytest.approx(6**-0.5)


def test_an_integer_may_be_a_word():
    ours = KeyedVectors(2)
    ours.add_vector(5, [1, 2])
    assert ours[5].tolist() == ours[0].tolist() == [1, 2]
    assert list(ours) == [5]


def test_names_of_other_versions_say_what_to_use():
    with pytest.raises(AttributeError, match="'vocab'; use key_to_index"):
        _ = both()[0].vocab
    assert not hasattr(both()[0], "nothing_of_this_name")
    for size in (0, 1.5, "x"):
        with pytest.raises(UsageError, match="vector_size"):
            KeyedVectors(size)
