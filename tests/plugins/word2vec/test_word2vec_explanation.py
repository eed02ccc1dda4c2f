"""Explanations of a word, and of a word and a context."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.config import Word2VecConfig
from nntasks.plugins.word2vec.explanation import ExplainOptions, explain
from nntasks.plugins.word2vec.model import Word2VecModel
from nntasks.seeding import Seeds

MATRIX = np.array([[1, 0, 0], [0.5, 0.5, 0], [0, 0, 2]], np.float32)
OUTPUT = np.array([[0, 1, 0], [2, 1, 0], [1, 1, 1]], np.float32)
COUNTS = np.array([60, 30, 10])


def made(counts=COUNTS, output=OUTPUT, **keys):
    config = Word2VecConfig(dim=3, negatives=2, **keys)
    model = Word2VecModel("skipgram", config, DataInfo(), Seeds(0))
    model.vectors = KeyedVectors.of(["a", "b", "c"], MATRIX, counts, output)
    return model


def test_of_a_word():
    found = explain(made(), "b", ExplainOptions())
    powers = COUNTS**0.75
    assert (found.rank, found.count, found.share) == (2, 30, 0.3)
    assert found.noise == pytest.approx(powers[1] / powers.sum())
    assert found.norm == pytest.approx(np.sqrt(0.5))
    assert [word for word, _ in found.neighbours] == ["a", "c"]
    assert found.neighbours[0][1] == pytest.approx(np.sqrt(0.5))
    assert "occurs 30 times, 3.00e-01 of the text; rank 2" in str(found)


def test_subsampling_keeps_the_share_of_the_rule_of_word2vec():
    found = explain(made(subsample=0.1), "b", ExplainOptions())
    assert found.kept == pytest.approx(np.sqrt(0.1 / 0.3) + 0.1 / 0.3)
    assert explain(made(subsample=0), "b", ExplainOptions()).kept == 1


def test_of_a_context():
    found = explain(made(), "b", ExplainOptions(context="c")).context
    assert found.score == pytest.approx(1.0)  # 0.5 * 1 + 0.5 * 1
    assert found.probability == pytest.approx(1 / (1 + np.exp(-1)))
    assert found.times == pytest.approx(2 * np.e)
    assert found.terms == [(0, 0.5, 1, 0.5), (1, 0.5, 1, 0.5), (2, 0, 1, 0)]
    assert found.cosine == 0
    assert "dimension   0: +0.500 * +1.000 = +0.500" in str(found)
    assert "all other dimensions: +0.000" in str(found)


def test_without_counts_no_frequency_is_told():
    found = explain(made(counts=None), "b", ExplainOptions())
    assert set(found.to_dict()) == {"word", "rank", "norm", "neighbours"}
    assert "occurs" not in str(found)
    assert found.rank == 2


def test_the_json_holds_the_context_too():
    found = explain(made(), "b", ExplainOptions(context="a")).to_dict()
    assert found["context"]["score"] == pytest.approx(0.5)
    assert "ngrams" not in found


def test_a_context_needs_output_vectors():
    with pytest.raises(UsageError, match="context: expected output vectors beside the input"):
        explain(made(output=None), "b", ExplainOptions(context="a"))


@pytest.mark.parametrize(("word", "context"), [("d", ""), ("a", "d")])
def test_an_unknown_word_is_one_line(word, context):
    with pytest.raises(UsageError, match="'d'") as caught:
        explain(made(), word, ExplainOptions(context=context))
    assert "\n" not in str(caught.value)
