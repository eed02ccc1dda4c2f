"""The report: verdict on the planted relations, neighbours, sections, a map."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.interfaces import DataInfo, Outcome
from nntasks.plugins.embeddings.metric import QuestionMetric
from nntasks.plugins.embeddings.question_answering import Answer
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec import report
from nntasks.plugins.word2vec.config import Word2VecConfig
from nntasks.plugins.word2vec.data import planted
from nntasks.plugins.word2vec.model import SKIPGRAM
from nntasks.seeding import Seeds


def outcome(metric=None, count=40, values=None):
    model = SKIPGRAM(Word2VecConfig(dim=4), DataInfo(), Seeds(0))
    matrix = np.random.default_rng(0).normal(size=(count, 4)).astype(np.float32)
    model.vectors = KeyedVectors.of([f"w{n}" for n in range(count)], matrix)
    metrics = {} if metric is None else {"questions": metric}
    return Outcome(metrics, values or {}, None, (), model)


def asked(sections, answers):
    """Return a metric of (section, answer); the right answer is always "x"."""
    metric = QuestionMetric(sections)
    ids = [f"analogy/{section}/{n}" for n, (section, _) in enumerate(answers)]
    metric.update([Answer(word) for _, word in answers], ["x"] * len(answers), ids)
    return metric


class TestTables:
    def test_a_row_for_every_section_with_its_shares(self):
        metric = asked(["one", "two"], [("one", "x"), ("one", "y"), ("one", None), ("two", "X")])
        table, _ = report.tables(outcome(metric))
        assert table.rows == [("one", 3, pytest.approx(2 / 3), 0.5), ("two", 1, 1.0, 1.0)]

    @pytest.mark.parametrize(
        ("share", "verdict"),
        [(0.95, "relations were found: 95.0% of"), (0.949, "relations were NOT found: 94.9% of")],
    )
    def test_the_verdict_on_the_planted_relations(self, share, verdict):
        metric = asked(tuple(planted.RELATIONS), [])
        table = next(report.tables(outcome(metric, values={"analogies": share})))
        assert verdict in table.caption

    def test_neighbours_of_words_of_the_more_frequent_half(self):
        (table,) = report.tables(outcome())
        words = [word for word, _ in table.rows]
        assert len(words) == report.SHOWN
        assert max(int(word[1:]) for word in words) == 20
        for word, near in table.rows:
            assert near.count(",") == report.NEIGHBOURS - 1
            assert f"{word} " not in near

    def test_of_no_words_there_is_nothing_to_tell(self):
        assert list(report.tables(outcome(count=0))) == []


class TestGroups:
    def test_planted_pairs_whose_words_have_vectors(self):
        relation, text = next(iter(planted.RELATIONS.items()))
        first, second = (tuple(pair.split()) for pair in text.split(",")[:2])
        vectors = KeyedVectors.of([*first, second[0]], np.eye(3, dtype=np.float32))
        metric = asked(tuple(planted.RELATIONS), [])
        assert report.groups_of(vectors, metric) == {relation: [first]}

    def test_frequent_words_where_no_relation_is_known(self):
        vectors = outcome(count=400).model.vectors
        (words,) = report.groups_of(vectors, None).values()
        assert words[0] == ("w2",)  # the first half percent is skipped
        assert len(words) == report.ON_THE_MAP


class TestPrincipal:
    def test_components_are_ordered_and_their_shares_sum_up(self):
        rows = np.random.default_rng(0).normal(size=(50, 5)) * [9, 1, 1, 0.1, 3]
        places, shares = report._principal(rows)
        spread = places.var(axis=0)
        assert spread[0] > spread[1]
        assert shares == pytest.approx(spread / rows.var(axis=0).sum())

    def test_equal_or_single_rows_have_no_direction(self):
        places, shares = report._principal(np.ones((3, 1)))
        assert np.allclose(places, np.zeros((3, 2)))
        assert shares.tolist() == [0, 0]

    def test_the_sign_does_not_depend_on_the_sign_of_the_rows_decomposition(self):
        rows = np.random.default_rng(1).normal(size=(9, 4))
        places, _ = report._principal(rows)
        largest = np.abs(places).argmax(axis=0)
        assert (places[largest, [0, 1]] > 0).all()


def test_figures_show_sections_and_words():
    metric = asked(["one", "two"], [("one", "x"), ("two", None)])
    sections, words = report.figures(outcome(metric))
    (axes,) = sections.draw().axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["one (1 of 1)", "two (0 of 1)"]
    (panel,) = words.draw().axes
    assert panel.get_title() == "frequent words"
    assert list(report.figures(outcome(count=2))) == []
