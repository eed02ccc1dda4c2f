"""Answers to questions, against gensim's, and what has no answer."""

from __future__ import annotations

import numpy as np
import pytest
from asked_words import ROWS
from word_samples import as_gensim

from nntasks.plugins.embeddings.question_answering import (
    Answer,
    QuestionAnswerer,
    Spellings,
    answer,
    is_right,
)
from nntasks.plugins.embeddings.questions import Pair, analogies, parse_id, read_analogies
from nntasks.plugins.embeddings.vectors import KeyedVectors

# It calls what it calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gensim")


@pytest.mark.parametrize("restrict", [20, 30_000])
def test_analogies_count_as_gensim_counts_them(vectors, files, restrict):
    pytest.importorskip("gensim")
    path = files / "questions.txt"
    _, sections = as_gensim(vectors).evaluate_word_analogies(path, restrict_vocab=restrict)
    questions = read_analogies(path)
    right = right_by_id(questions, answer(vectors, questions, restrict=restrict))
    for section in sections[:-1]:
        ours = [ok for name, ok in right.items() if parse_id(name)[1] == section["section"]]
        assert sum(ours) == len(section["correct"])
        assert len(ours) == len(section["correct"]) + len(section["incorrect"])
    assert 0 < sum(right.values()) < len(right)


def right_by_id(questions, answers):
    said = zip(questions, answers, strict=True)
    return {q.id: a.word.upper() == q.d.upper() for q, a in said if a.covered}


def test_cosmul_predicts_what_gensim_finds_nearest(vectors):
    """gensim's evaluation knows 3CosAdd alone, so it is asked question by question."""
    pytest.importorskip("gensim")
    theirs, spelt = as_gensim(vectors), {word.upper(): word for word in reversed(vectors.words)}
    questions = analogies("sides", ROWS)
    answers = answer(vectors, questions, method="cosmul")
    for question, said in zip(questions, answers, strict=True):
        a, b, c = (spelt[word.upper()] for word in (question.a, question.b, question.c))
        near = theirs.most_similar_cosmul(positive=[b, c], negative=[a], topn=10)
        other = (word for word, _ in near if word.upper() not in {a.upper(), b.upper(), c.upper()})
        assert said.word == next(other)
    assert answers != answer(vectors, questions)


def test_answers_do_not_depend_on_the_batch(vectors):
    questions = analogies("sides", ROWS)
    respondent = QuestionAnswerer(vectors)
    single = [respondent.answer([question])[0] for question in questions]
    assert single == respondent.answer(questions)


def test_words_without_a_vector_get_no_answer(vectors):
    questions = [
        *analogies("sides", [("left0", "right0", "left1", "nobody")]),
        Pair("mine", "left0", "nobody", 1.0, "pair/mine/1"),
        Pair("mine", "left0", "LEFT0", 1.0, "pair/mine/2"),
    ]
    said = answer(vectors, questions)
    assert said[:2] == [Answer(), Answer()]
    assert said[2].cosine == pytest.approx(1)
    assert answer(vectors, []) == []


def test_a_zero_vector_has_the_cosine_zero():
    vectors = KeyedVectors.of(["a", "b"], np.array([[0, 0], [1, 1]], np.float32))
    assert answer(vectors, [Pair("p", "a", "b", 1.0, "pair/p/1")])[0].cosine == 0


class TestSpellings:
    def test_the_most_frequent_spelling_stands_for_all(self):
        spellings = Spellings(["the", "The", "cat", "THE", "straße"])
        assert spellings.find(["THE", "Cat"]) == [0, 2]
        assert spellings.all_of(0) == [0, 1, 3]
        assert spellings.all_of(2) == [2]
        assert spellings.find(["STRASSE"]) == [4]

    def test_one_missing_word_is_enough(self):
        assert Spellings(["a"]).find(["a", "b"]) is None
        assert Spellings([]).find([]) == []

    def test_by_case_each_stands_for_itself(self):
        spellings = Spellings(["the", "The"], any_case=False)
        assert spellings.find(["The"]) == [1]
        assert spellings.find(["THE"]) is None
        assert spellings.all_of(0) == [0]


def test_no_spelling_of_a_word_of_the_question_is_an_answer():
    matrix = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1.2, 1], [1, 1, 0.1]], np.float32)
    vectors = KeyedVectors.of(["man", "king", "woman", "WOMAN", "other"], matrix)
    asked = analogies("s", [("man", "king", "woman", "other")])
    assert answer(vectors, asked) == [Answer(word="other")]
    assert answer(vectors, asked, any_case=False) == [Answer(word="WOMAN")]


def test_the_expected_word_may_be_spelt_in_any_case():
    assert is_right("paris", "Paris")
    assert not is_right("paris", "pari")
