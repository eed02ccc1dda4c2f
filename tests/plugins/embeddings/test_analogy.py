"""One analogy by `explain`: the answer, its parts, and the baselines."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.plugins.embeddings.analogy import AnalogyOptions, analogy
from nntasks.plugins.embeddings.vectors import KeyedVectors

WORDS = ["man", "king", "woman", "queen", "apple"]
VECTORS = np.array(
    [[1, 0, 0.2], [1, 1, 0.2], [-1, 0, 0.2], [-1, 1, 0.2], [0.1, -0.3, 2]], dtype=np.float32
)


@pytest.fixture
def found():
    return analogy(KeyedVectors.of(WORDS, VECTORS), ("man", "king", "woman"), 5)


def test_the_answer_and_what_each_word_adds(found):
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    best = found.candidates[0]
    assert best.word == "queen"
    assert [best.near_b, best.near_a, best.near_c] == pytest.approx(
        [unit[3] @ unit[1], unit[3] @ unit[0], unit[3] @ unit[2]], abs=1e-6
    )
    wanted = unit[1] - unit[0] + unit[2]
    assert best.score == pytest.approx(unit[3] @ wanted / np.linalg.norm(wanted), abs=1e-6)


def test_the_words_of_the_question_are_no_answers(found):
    assert {one.word for one in found.candidates} == {"queen", "apple"}


@pytest.mark.parametrize("words", ["man", "king,man,woman"])
def test_other_than_two_words_are_refused_with_an_example(words):
    with pytest.raises(UsageError) as caught:
        build(AnalogyOptions, {"analogy": words})
    assert str(caught.value).startswith("analogy: expected two words A,C beside the word itself")


def test_it_is_what_gensims_method_says():
    vectors = KeyedVectors.of(WORDS, VECTORS)
    ((word, _),) = vectors.most_similar(positive=["king", "woman"], negative=["man"], topn=1)
    assert analogy(vectors, ("man", "king", "woman"), 1).candidates[0].word == word


def test_the_text(found):
    assert str(found).startswith("man is to king as woman is to queen\n")
    assert found.to_dict()["by_product"] == "queen"
