"""Adding words, attributes, sorting: as in gensim, and nothing changes on a mistake."""

from __future__ import annotations

import numpy as np
import pytest
from keyed_sides import WORDS, alike, both, the_same

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.vectors import KeyedVectors


def after(change):
    """Return a call that changes vectors and returns all of them."""

    def call(kv):
        change(kv)
        return [list(kv.index_to_key), kv.vectors, kv.key_to_index]

    return call


def set_item(keys, rows):
    return lambda kv: kv.__setitem__(keys, rows)


@pytest.mark.parametrize(
    "change",
    [
        lambda kv: kv.add_vector("new", np.arange(6)),
        lambda kv: kv.add_vectors("new", np.arange(6.0)),
        lambda kv: kv.add_vectors(["w1", "new"], np.ones((2, 6))),
        lambda kv: kv.add_vectors(["w1", "new"], np.ones((2, 6)), replace=True),
        lambda kv: kv.add_vectors(["x", "y"], [np.ones(6), np.zeros(6)]),
        set_item("w5", np.ones(6)),
        set_item(["w5", "x"], np.ones((2, 6))),
        lambda kv: kv.unit_normalize_all(),
        lambda kv: kv.add_vectors([], np.empty((0, 6))),
    ],
)
def test_changes_are_those_of_gensim(change):
    the_same(after(change))


def test_answers_follow_a_change():
    ours, theirs = both()
    assert ours.most_similar("w1", topn=1)
    assert theirs.most_similar("w1", topn=1)
    for kv in (ours, theirs):
        kv.add_vectors(["new"], kv["w1"][None] * 2)
        kv.fill_norms(force=True)
    alike(ours.most_similar("w1", topn=3), theirs.most_similar("w1", topn=3))


def test_attributes_are_those_of_gensim():
    ours, theirs = both(counts=True)
    for kv in (ours, theirs):
        kv.set_vecattr("w3", "share", 0.5)
        kv.set_vecattr("w4", "tag", "noun")
        kv.add_vectors(["new"], np.ones((1, 6)))
        kv.set_vecattr("new", "count", 9)
    for word in [*WORDS, "new"]:
        for name in ("count", "share", "tag"):
            if word != "new" or name == "count":
                assert ours.get_vecattr(word, name) == theirs.get_vecattr(word, name)
    with pytest.raises(KeyError, match="no attribute 'colour'"):
        ours.get_vecattr("w1", "colour")
    with pytest.raises(KeyError):
        ours.set_vecattr("nowhere", "count", 1)
    with pytest.raises(TypeError, match=r"expected a value of type int64, got 2\.5"):
        ours.set_vecattr("w1", "count", 2.5)


def test_words_are_sorted_by_count_as_gensim_sorts_them():
    ours, theirs = both(counts=True)
    for kv in (ours, theirs):
        kv.sort_by_descending_frequency()
    assert ours.index_to_key == theirs.index_to_key
    assert np.array_equal(ours.vectors, theirs.vectors)
    assert [ours.get_vecattr(w, "count") for w in WORDS] == [
        theirs.get_vecattr(w, "count") for w in WORDS
    ]
    with pytest.raises(KeyError, match="no attribute 'count'"):
        both()[0].sort_by_descending_frequency()


@pytest.mark.parametrize("copy", [False, True])
def test_vectors_of_chosen_words_are_those_of_gensim(copy):
    made = [
        kv.vectors_for_all(["w9", "nowhere", "w1", "w9"], copy_vecattrs=copy)
        for kv in both(counts=True)
    ]
    assert made[0].index_to_key == made[1].index_to_key == ["w9", "w1"]
    assert np.array_equal(made[0].vectors, made[1].vectors)
    for word in ("w9", "w1"):
        assert made[0].get_vecattr(word, "count") == made[1].get_vecattr(word, "count")


def test_words_appended_by_hand_get_small_random_vectors():
    ours = KeyedVectors(4)
    ours.words.extend(["a", "b"])
    ours.resize_vectors(seed=3)
    assert ours.vectors.shape == (2, 4)
    assert 0 < np.abs(ours["a"]).max() <= 0.25
    again = KeyedVectors(4)
    again.words.extend(["a", "b"])
    again.resize_vectors(seed=3)
    assert np.array_equal(ours.vectors, again.vectors)


@pytest.mark.parametrize(
    ("keys", "rows", "kind"),
    [
        (["x"], np.ones((1, 3)), ValueError),
        (["x", "y"], np.ones((1, 6)), ValueError),
        (["x", "x"], np.ones((2, 6)), ValueError),  # gensim adds it twice
        ("x", np.ones(5), ValueError),
        (["x", "y"], [[1, 2], [3]], ValueError),
        ([1.5], np.ones((1, 6)), TypeError),
    ],
)
def test_a_mistake_changes_nothing(keys, rows, kind):
    ours, _ = both()
    before = ours.vectors.copy()
    with pytest.raises(kind) as caught:
        ours.add_vectors(keys, rows, replace=True)
    assert isinstance(caught.value, UsageError)
    assert "\n" not in str(caught.value)
    assert ours.index_to_key == WORDS
    assert np.array_equal(ours.vectors, before)


def test_extra_attributes_come_with_the_words():
    ours, _ = both(counts=True)
    ours.add_vectors(["x", "y"], np.ones((2, 6)), extras={"count": [7, 8]})
    assert [ours.get_vecattr(word, "count") for word in ("x", "y")] == [7, 8]
    with pytest.raises(ValueError, match="expected 1 values"):
        ours.add_vectors(["z"], np.ones((1, 6)), extras={"count": [7, 8]})
    assert "z" not in ours
    ours.allocate_vecattrs(["seen"], [int])
    assert ours.get_vecattr("w1", "seen") == 0
