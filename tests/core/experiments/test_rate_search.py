"""The learning-rate range test of a task: its sentences, its report, and what it needs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.experiments.rate_search import RateSearch, Span, search_rate
from nntasks.training.lr_range import RangeTest

DIGITS = [{"batch_size": "32", "model": "alexnet_small"}]


def search(losses, diverged):
    rates = [1e-3, 1e-2, 1e-1, 1.0, 10.0]
    return RateSearch(RangeTest(rates, losses, losses, diverged), None)


def test_the_sentences_say_both_suggestions_and_how_it_ended():
    suggested, cautious = search([1.0, 0.8, 0.4, 0.3, 0.9], True).sentences
    assert suggested.startswith("suggested: lr=0.01 ")
    assert cautious.startswith("cautious: lr=0.1 ")
    assert "the loss then grew" in cautious
    _, cautious = search([1.0, 0.8, 0.4, 0.3, 0.29], False).sentences
    assert cautious.startswith("cautious: lr=1 ")
    assert "did not grow up to the last rate" in cautious


def test_a_task_is_searched_and_reported(tmp_path):
    span = Span(1e-5, 1e-2, 12)
    found = search_rate("cnn_classify", DIGITS, span, tmp_path, "nntasks lr-find")
    rates = found.found.rates
    assert rates[0] == pytest.approx(span.lowest)
    assert len(rates) <= span.steps
    step = 1000 ** (1 / 11)
    assert all(b / a == pytest.approx(step) for a, b in itertools.pairwise(rates))
    assert found.report.parent.parent == tmp_path / "cnn_classify" / "lr-find"
    page = found.report.read_text()
    for text in ("learning-rate range test", "nntasks lr-find", *found.sentences):
        assert text in page
    assert found.report.with_name("config.yaml").is_file()


@pytest.mark.parametrize(
    ("task", "keys", "message"),
    [
        (
            "embedding_analysis",
            {},
            "lr-find needs a model that trains by steps; model=vectors",
        ),
        ("cnn_classify", {"widht": "3"}, "unknown key widht"),
        ("no_task", {}, "no_task"),
    ],
)
def test_what_cannot_be_searched_leaves_no_folder(tmp_path, task, keys, message):
    with pytest.raises(UsageError, match=message):
        search_rate(task, [keys], Span(1e-5, 1e-2, 12), tmp_path / "out", "")
    assert not (tmp_path / "out").exists()


def test_the_numpy_network_is_searched_too(tmp_path):
    span = Span(1e-5, 1.0, 60)
    keys = [{"optimizer": "sgd", "batch_norm": "no"}]
    found = search_rate("numpy_mlp", keys, span, tmp_path, "").found
    # At rates below 1e-4 nothing moves; then the loss falls, and the suggestion lies in between.
    assert min(found.smoothed) < 0.8 * found.smoothed[0]
    assert 1e-4 < found.steepest <= 1.0


@pytest.mark.parametrize("span", [Span(1e-5, 1.0, -5), Span(1.0, 0.1, 20), Span(0.1, np.inf, 20)])
def test_wrong_rates_leave_no_folder(tmp_path, span):
    with pytest.raises(UsageError, match="expected 0 < lowest < highest and at least 10 steps"):
        search_rate("numpy_mlp", [{"data": "xor"}], span, tmp_path / "out", "")
    assert not (tmp_path / "out").exists()
