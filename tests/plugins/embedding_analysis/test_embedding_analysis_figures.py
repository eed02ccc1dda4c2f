"""The figures: which there are, and what is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from analysed_vectors import analysis

from nntasks.plugins.embedding_analysis.figures import figures
from nntasks.plugins.embeddings.metric import QuestionMetric
from nntasks.plugins.embeddings.question_answering import Answer


def by_name(made, metric=None):
    return {figure.name: figure for figure in figures(made, metric)}


def test_one_set_without_questions():
    assert set(by_name(analysis(questions=False))) == {"map_pca", "frequency", "variance"}


def test_each_set_has_its_panel_and_its_line():
    found = by_name(analysis(sets=2))
    assert set(found) == {"map_pca", "analogies", "frequency", "variance", "stability"}
    panels = found["map_pca"].draw().axes
    assert [axes.get_title() for axes in panels] == ["first", "turned"]
    (axes,) = found["variance"].draw().axes
    assert [line.get_label() for line in axes.lines] == ["first", "turned"]
    for line in axes.lines:
        assert np.sum(line.get_ydata()) == pytest.approx(1, abs=1e-5)
    (axes,) = found["stability"].draw().axes
    assert np.allclose(axes.lines[0].get_ydata(), 1)  # a turn keeps all neighbours


def test_the_axes_of_pca_have_their_shares_of_the_variance():
    figure = by_name(analysis())["map_pca"]
    (axes,) = figure.draw().axes
    assert "first principal component (" in axes.get_xlabel()
    assert "of the variance of these words." in figure.caption
    points = sum(len(drawn.get_offsets()) for drawn in axes.collections)
    assert points == 24  # twelve pairs of LEFT and right


def test_a_panel_for_every_list_of_pairs():
    metric = QuestionMetric((), ("one", "two", "three"))
    for name in metric.sets:
        for n in range(4):
            metric.update([Answer(cosine=n / 4)], [float(n)], [f"pair/{name}/{n}"])
    panels = by_name(analysis(), metric)["pairs"].draw().axes
    assert [axes.get_title() for axes in panels if axes.get_visible()] == [
        "one, 4 pairs",
        "two, 4 pairs",
        "three, 4 pairs",
    ]


def test_sections_are_named_with_what_was_covered():
    (axes,) = by_name(analysis())["analogies"].draw().axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["sides  (11 of 11)"]
