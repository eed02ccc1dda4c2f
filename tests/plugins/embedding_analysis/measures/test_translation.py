"""Translation between two sets of vectors by a learned rotation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.measures.translation import (
    WITHIN,
    read_dictionary,
    translations,
)
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.seeding import Seeds

WORDS, DIM = 80, 12


def languages(noise, dim=DIM):
    """Return Spanish vectors, English ones that are the same but turned, and a dictionary."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(WORDS, dim))
    turn = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    other = points @ turn + noise * rng.normal(size=points.shape)
    spanish = KeyedVectors.of([f"palabra{n}" for n in range(WORDS)], points.astype(np.float32))
    english = KeyedVectors.of([f"word{n}" for n in range(WORDS)], other.astype(np.float32))
    return spanish, english, {f"palabra{n}": [f"word{n}"] for n in range(WORDS)}


def test_a_turned_copy_is_translated_without_a_mistake():
    found = translations(*languages(0.0, dim=40), restrict=WORDS, seed=0)
    assert [one.learned for one in found] == [10, 30, 64]
    assert all(one.tested == 16 for one in found)
    assert found[-1].first == found[-1].within == 16
    assert found[0].first < 16  # ten words leave thirty of the forty dimensions to chance


def test_noise_costs_translations_as_scipys_rotation_does():
    spanish, english, dictionary = languages(1.2)
    (*_, found) = translations(spanish, english, dictionary, restrict=WORDS, seed=3)
    tested = Seeds(3).numpy("translation").permutation(WORDS)[: WORDS // 5]
    learned = [n for n in range(WORDS) if n not in tested]
    turn, _ = orthogonal_procrustes(spanish.unit[learned], english.unit[learned])
    scores = spanish.unit[tested] @ turn @ english.unit.T
    ranks = (scores > scores[np.arange(len(tested)), tested][:, None]).sum(axis=1)
    assert found.first == (ranks == 0).sum() < len(tested)
    assert found.within == (ranks < WITHIN).sum() > found.first


def test_any_of_several_translations_is_right():
    spanish, english, dictionary = languages(0.0)
    both = {word: ["nowhere", *found] for word, found in dictionary.items()}
    (*_, found) = translations(spanish, english, both, restrict=WORDS, seed=0)
    assert found.first == found.tested


def test_words_beyond_the_most_frequent_are_left_out():
    (*_, found) = translations(*languages(0.0), restrict=40, seed=0)
    assert found.learned + found.tested == 40


class TestRefusals:
    def test_too_few_words_with_vectors(self):
        spanish, english, dictionary = languages(0.0)
        some = {**dict(list(dictionary.items())[:9]), "nada": ["nothing"]}
        with pytest.raises(UsageError, match=r"expected 10 words or more .* got 9 of 10"):
            translations(spanish, english, some, restrict=WORDS, seed=0)

    @pytest.mark.parametrize(
        ("text", "message"),
        [("uno one\ndos\n", "line 2: expected a word and its translation"), ("# x\n", "no words")],
    )
    def test_a_malformed_file(self, tmp_path, text, message):
        (tmp_path / "list.txt").write_text(text)
        with pytest.raises(UsageError, match=message):
            read_dictionary(tmp_path / "list.txt")

    def test_a_word_with_two_translations(self, tmp_path):
        (tmp_path / "list.txt").write_text("# Spanish English\nuno one\nuno a\n\ndos two\n")
        found = read_dictionary(tmp_path / "list.txt")
        assert found == {"uno": ["one", "a"], "dos": ["two"]}
