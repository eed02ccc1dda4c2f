"""Explanations of a word, and of two words: ranks, directions, common contexts."""

from __future__ import annotations

import numpy as np
import pytest
from word_samples import related_vectors

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.explanation import ExplainOptions, explain
from nntasks.plugins.embeddings.vectors import KeyedVectors


def made(**more):
    plain = related_vectors(noise=0.3)
    return KeyedVectors.of(plain.words, plain.matrix, **more)


VECTORS = made(counts=np.arange(54, 0, -1), output=related_vectors(seed=2).matrix)


def test_of_a_word():
    found = explain(VECTORS, "LEFT1", ExplainOptions(topn=3))
    assert (found.rank, found.words, found.count) == (2, 54, 53)
    assert found.norm == pytest.approx(float(np.linalg.norm(VECTORS["LEFT1"])))
    assert found.neighbours == VECTORS.most_similar("LEFT1", topn=3)
    scores = VECTORS.output @ VECTORS["LEFT1"]
    best = np.argsort(-scores)[:3]
    assert [word for word, _ in found.contexts] == [VECTORS.words[i] for i in best]
    assert found.closeness is None
    assert "LEFT1: rank 2 of 54 by frequency, occurs 53 times" in str(found)


class TestOfTwoWords:
    FOUND = explain(VECTORS, "LEFT1", ExplainOptions(other="right1", topn=54))

    def test_the_directions_add_up_to_the_cosine(self):
        near = self.FOUND.closeness
        total = sum(value for _, value in near.directions) + near.rest
        assert total == pytest.approx(near.cosine, abs=1e-5)
        assert near.cosine == pytest.approx(VECTORS.similarity("LEFT1", "right1"), abs=1e-6)
        sizes = [abs(value) for _, value in near.directions]
        assert sizes == sorted(sizes, reverse=True)

    def test_each_has_its_rank_among_the_neighbours_of_the_other(self):
        for (word, other), rank in zip(
            [("LEFT1", "right1"), ("right1", "LEFT1")], self.FOUND.closeness.ranks, strict=True
        ):
            ranked = [one for one, _ in VECTORS.most_similar(word, topn=54)]
            assert rank == ranked.index(other) + 1

    def test_common_contexts_have_the_smaller_of_both_scores(self):
        scores = [VECTORS.output @ VECTORS[word] for word in ("LEFT1", "right1")]
        smaller = dict(zip(VECTORS.words, np.minimum(*scores).tolist(), strict=True))
        found = dict(self.FOUND.closeness.contexts)
        assert found == {word: pytest.approx(value, abs=1e-4) for word, value in smaller.items()}
        values = list(found.values())
        assert values == sorted(values, reverse=True)

    def test_common_neighbours_are_none_of_the_two(self):
        assert not {"LEFT1", "right1"} & set(self.FOUND.closeness.shared)
        assert len(self.FOUND.closeness.shared) == 52

    def test_the_percentile_counts_words_with_a_lower_cosine(self):
        cosines = VECTORS.unit @ VECTORS.unit[VECTORS.index("LEFT1")]
        lower = cosines < cosines[VECTORS.index("right1")]
        assert self.FOUND.closeness.percentile == pytest.approx(lower.mean())


def test_without_output_vectors_a_text_is_asked_for():
    found = explain(made(), "LEFT1", ExplainOptions())
    assert (found.contexts, found.count) == ([], None)
    assert "give text=FILE" in found.source
    assert "occurs" not in str(found)


def test_contexts_of_a_text(tmp_path):
    (tmp_path / "t.txt").write_text("LEFT1 other1\n" * 6)
    found = explain(VECTORS, "LEFT1", ExplainOptions(text=tmp_path / "t.txt"))
    assert found.contexts == [("other1", pytest.approx(np.log(2)))]
    assert str(tmp_path / "t.txt") in found.source


@pytest.mark.parametrize(("word", "other"), [("nobody", ""), ("LEFT1", "nobody")])
def test_an_unknown_word_is_one_line(word, other):
    with pytest.raises(UsageError, match="'nobody'") as caught:
        explain(VECTORS, word, ExplainOptions(other=other))
    assert "\n" not in str(caught.value)
