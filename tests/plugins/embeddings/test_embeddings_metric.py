"""The numbers of answered questions: shares, correlations, intervals, definitions."""

from __future__ import annotations

import numpy as np
import pytest
from asked_words import ROWS
from word_samples import as_gensim

from nntasks.errors import PluginError
from nntasks.interfaces import DataInfo
from nntasks.plugins.embeddings.metric import (
    QuestionMetric,
    build,
    rank_correlation,
    share_covered,
    share_right,
)
from nntasks.plugins.embeddings.question_answering import Answer, QuestionAnswerer, answer
from nntasks.plugins.embeddings.questions import (
    QuestionSplit,
    question_info,
    read_analogies,
    read_pairs,
)
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.statistics.proportions import wilson
from nntasks.testing import check_metric, check_split

# It calls what it calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gensim")


def numbers_of(vectors, questions, **options):
    split = QuestionSplit(questions)
    metric = build(None, question_info(questions))
    batch = split.batch(range(len(split)))
    metric.update(answer(vectors, batch.inputs, **options), batch.targets, batch.ids)
    return metric.compute()


def test_pairs_count_as_gensim_counts_them(vectors, files):
    pytest.importorskip("gensim")
    _, theirs, oov = as_gensim(vectors).evaluate_word_pairs(files / "my pairs.tsv")
    numbers = numbers_of(vectors, read_pairs(files / "my pairs.tsv"))
    assert numbers["my_pairs"] == pytest.approx(theirs[0], abs=1e-12)
    assert 1 - numbers["my_pairs_covered"] == pytest.approx(oov / 100, abs=1e-12)


def test_real_questions_count_as_gensim_counts_them(real_data, tmp_path):
    """On vectors at random, in which relations are planted for a few sections."""
    pytest.importorskip("gensim")
    path = real_data / "embedding_eval" / "questions-words.txt"
    questions = read_analogies(path)
    assert len(questions) == 19_544
    words = list(dict.fromkeys(w.lower() for q in questions for w in (q.b, q.a, q.d, q.c)))
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(len(words), 16)).astype(np.float32)
    shifts = {section: rng.normal(size=16) * 2 for section in {q.section for q in questions}}
    place = {word: n for n, word in enumerate(words)}
    for q in questions:
        matrix[place[q.b.lower()]] = matrix[place[q.a.lower()]] + shifts[q.section]
    vectors = KeyedVectors.of(words, matrix)
    few = questions[::8]
    lines = [line for q in few for line in (f": {q.section}", f"{q.a} {q.b} {q.c} {q.d}")]
    cut = tmp_path / "questions.txt"
    cut.write_text("\n".join(lines) + "\n", encoding="utf-8")
    numbers = numbers_of(vectors, few, restrict=700)
    theirs = as_gensim(vectors).evaluate_word_analogies(cut, restrict_vocab=700)[1][-1]
    covered = len(theirs["correct"]) + len(theirs["incorrect"])
    assert numbers["analogies_covered"] == covered / len(few)
    assert numbers["analogies"] == len(theirs["correct"]) / covered
    assert 0.05 < numbers["analogies"] < 0.95


def test_the_metric_keeps_its_contract(vectors, files):
    questions = [*read_analogies(files / "questions.txt"), *read_pairs(files / "my pairs.tsv")]
    split = QuestionSplit(questions)
    check_split(split)
    respondent = QuestionAnswerer(vectors)
    batches = []
    for start in range(0, len(split), 37):
        batch = split.batch(range(start, min(start + 37, len(split))))
        batches.append((respondent.answer(batch.inputs), batch.targets, batch.ids))
    metric = build(None, question_info(questions))
    check_metric(metric, batches)
    for batch in batches:
        metric.update(*batch)
    assert list(metric.compute()) == [
        "analogies",
        "analogies_semantic",
        "analogies_syntactic",
        "analogies_covered",
        "my_pairs",
        "my_pairs_covered",
    ]
    assert metric.compute()["analogies_covered"] == (len(ROWS) + 9) / (len(ROWS) + 10)


def test_the_metric_without_answers_has_no_number():
    numbers = QuestionMetric(["s"], ["p"]).compute()
    assert all(np.isnan(number) for number in numbers.values())
    assert build(None, DataInfo()).compute() == {}


@pytest.mark.parametrize("wrong", [("analogy/other/1", Answer(word="x")), ("analogy/s/1", "x")])
def test_the_metric_refuses_what_is_no_answer_to_its_questions(wrong):
    with pytest.raises(PluginError):
        QuestionMetric(["s"]).update([wrong[1]], ["d"], [wrong[0]])


ROWS_BY_HAND = [("x", Answer(word="X")), ("x", Answer(word="y")), ("x", Answer())]


def test_shares_by_hand():
    assert share_right(ROWS_BY_HAND) == 0.5
    assert share_covered(ROWS_BY_HAND) == 2 / 3
    assert np.isnan(share_right(ROWS_BY_HAND[2:]))
    assert np.isnan(share_covered([]))


def test_the_correlation_is_of_ranks_over_covered_pairs():
    pairs = [(float(n), Answer(cosine=n**3 / 100)) for n in range(-4, 5)]
    assert rank_correlation(pairs) == pytest.approx(1)
    assert rank_correlation([*pairs, (99.0, Answer())]) == pytest.approx(1)
    assert rank_correlation([(-score, said) for score, said in pairs]) == pytest.approx(-1)


def test_kinds_are_told_apart_where_both_occur():
    sections = ("towns", "gram1-more")
    metric = QuestionMetric(sections)
    ids = [f"analogy/{section}/1" for section in sections]
    metric.update([Answer(word="x"), Answer(word="y")], ["x", "x"], ids)
    numbers = metric.compute()
    assert (numbers["analogies_semantic"], numbers["analogies_syntactic"]) == (1, 0)
    assert numbers["analogies"] == 0.5
    assert "analogies_semantic" not in QuestionMetric(sections[:1]).compute()


def test_the_interval_of_a_kind_is_of_its_own_questions():
    sections = ("towns", "gram1-more")
    metric = QuestionMetric(sections)
    for section, word in zip(sections, "xy", strict=True):
        for n in range(9):
            metric.update([Answer(word=word)], ["x"], [f"analogy/{section}/{n}"])
    intervals = metric.intervals()
    assert intervals["analogies_semantic"] == wilson(9, 9)[1:]
    assert intervals["analogies_syntactic"] == wilson(0, 9)[1:]
    assert intervals["analogies"] == wilson(9, 18)[1:]


def test_every_number_has_a_definition_and_an_interval_that_holds_it():
    metric = QuestionMetric(("towns", "gram1-more"), ("mine",))
    rng = np.random.default_rng(0)
    for n in range(40):
        said = Answer(word="x" if n % 3 else "y") if n % 5 else Answer()
        metric.update([said], ["x"], [f"analogy/{metric.sections[n % 2]}/{n}"])
        pair = Answer(cosine=float(np.clip(n / 60 + rng.normal() / 9, -1, 1)))
        metric.update([pair], [float(n)], [f"pair/mine/{n}"])
    numbers, intervals = metric.compute(), metric.intervals()
    assert set(numbers) == set(metric.definitions()) == set(intervals)
    for name, value in numbers.items():
        low, high = intervals[name]
        assert low <= value <= high, name
