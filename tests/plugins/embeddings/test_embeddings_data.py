"""Data sets of questions: a user's files, and the public ones."""

from __future__ import annotations

import pytest
from asked_words import ROWS, question_files

from nntasks.datasets import DataStore
from nntasks.errors import UsageError
from nntasks.plugins.embeddings.data import (
    EmbeddingEval,
    QuestionFileOptions,
    QuestionFiles,
    as_splits,
    public_questions,
)
from nntasks.plugins.embeddings.questions import analogies, read_pairs


@pytest.fixture
def files(tmp_path):
    return question_files(tmp_path)


def test_questions_of_ones_own(files):
    options = QuestionFileOptions(
        analogies=files / "questions.txt", pairs=f"{files / 'my pairs.tsv'}"
    )
    splits = QuestionFiles(options, None).load(None)
    assert splits.info.details == {"sections": ["sides", "gram1-more"], "sets": ["my_pairs"]}
    assert splits.train is None
    assert len(splits.test) == len(ROWS) + 10 + 13
    with pytest.raises(UsageError, match=r"data\.analogies=FILE"):
        QuestionFiles(QuestionFileOptions(), None).load(None)
    with pytest.raises(UsageError, match="cannot read questions from"):
        read_pairs(files / "none.tsv")


def test_questions_are_a_test_split_alone():
    splits = as_splits(analogies("s", ROWS[:3]))
    assert splits.train is None
    assert splits.validation is splits.test
    assert splits.info.details == {"sections": ["s"], "sets": []}


def test_the_public_questions_in_the_order_of_their_files(tmp_path):
    texts = (": towns\na b c d\n", "a\tb\t1\n", "c\td\t2\n")
    for file, text in zip(EmbeddingEval.files, texts, strict=True):
        (tmp_path / file.path).write_text(text)
    found = EmbeddingEval.questions(tmp_path)
    assert [question.id for question in found] == [
        "analogy/towns/1",
        "pair/wordsim353/1",
        "pair/simlex999/1",
    ]
    assert EmbeddingEval(None, None).load(tmp_path).test.questions == found


def test_where_the_store_lacks_the_public_ones_there_are_none(tmp_path):
    assert public_questions(DataStore.from_environment({"NNTASKS_DATA": str(tmp_path)})) is None
