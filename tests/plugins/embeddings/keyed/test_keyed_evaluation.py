"""Analogies and word pairs: gensim's results from the same files."""

from __future__ import annotations

import pytest
from keyed_sides import both, fail_alike, the_same

from nntasks.errors import UsageError

_ANALOGIES = ": first\nw1 w2 w3 w4\nw5 w6 w7 nowhere\nW1 W2 W5 W9\n: gram\nw2 w1 w4 w3\n"
_PAIRS = "# a list\nw1\tw2\t3\nw1\tw3\t4.5\nw2\tnowhere\t1\nW4\tw5\t9\nw30\tw6\t2\n"


@pytest.fixture
def questions(tmp_path):
    (tmp_path / "analogies.txt").write_text(_ANALOGIES)
    (tmp_path / "pairs.tsv").write_text(_PAIRS)
    (tmp_path / "pairs.csv").write_text(
        _PAIRS.replace("\t", "|").replace("nowhere", "é"), "latin-1"
    )
    return tmp_path


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"dummy4unknown": True},
        {"case_insensitive": False},
        {"case_insensitive": False, "dummy4unknown": True},
        {"restrict_vocab": 5},
        {"restrict_vocab": 2},
    ],
)
def test_questions_are_answered_as_by_gensim(questions, options):
    path = str(questions / "analogies.txt")
    the_same(lambda kv: kv.evaluate_word_analogies(path, **options))
    if options.get("restrict_vocab") != 2:
        pairs = str(questions / "pairs.tsv")
        the_same(lambda kv: kv.evaluate_word_pairs(pairs, **options))


def test_pairs_in_another_encoding_with_another_separator(questions):
    path = str(questions / "pairs.csv")
    the_same(lambda kv: kv.evaluate_word_pairs(path, delimiter="|", encoding="latin-1"))


def test_mistakes(questions):
    ours, _ = both()
    fail_alike(lambda kv: kv.evaluate_word_pairs(str(questions / "absent")))
    with pytest.raises(FileNotFoundError, match="no such file"):
        ours.evaluate_word_analogies(questions / "absent")
    with pytest.raises(UsageError, match="similarity_function"):
        ours.evaluate_word_analogies(questions / "analogies.txt", similarity_function="euclid")
    with pytest.raises(UsageError, match="at least two pairs"):
        ours.evaluate_word_pairs(questions / "pairs.tsv", restrict_vocab=2)
    score, sections = ours.evaluate_word_analogies(
        questions / "analogies.txt", similarity_function="most_similar_cosmul"
    )
    assert 0 <= score <= 1
    assert [section["section"] for section in sections] == ["first", "gram", "Total accuracy"]
