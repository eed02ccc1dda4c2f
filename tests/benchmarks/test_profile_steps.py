"""The profile of training steps: every second has one category, and nothing stays patched."""

from __future__ import annotations

import pytest

from benchmarks.profile_steps import as_text
from benchmarks.step_categories import CATEGORIES, seconds_by_category
from nntasks.plugins.numpy_mlp.layers.linear import Linear
from nntasks.plugins.numpy_mlp.trainer import NumpyTrainer


@pytest.mark.parametrize(
    ("task", "used"),
    [
        (
            "numpy_mlp",
            {"matrix product", "norm and pooling", "elementwise", "optimizer", "batches"},
        ),
        ("word2vec", {"word kernel", "batches"}),
        pytest.param("cnn_classify", {*CATEGORIES} - {"word kernel"}, marks=pytest.mark.slow),
    ],
)
def test_the_categories_share_out_the_time_of_a_step(task, used):
    before = NumpyTrainer.step, Linear.forward
    whole, found = seconds_by_category(task, 3)
    assert tuple(found) == CATEGORIES
    assert {name for name, seconds in found.items() if seconds} - {"other"} == used - {"other"}
    assert min(found.values()) >= 0
    assert sum(found.values()) == pytest.approx(whole)
    assert (NumpyTrainer.step, Linear.forward) == before


def test_too_few_steps_are_told(monkeypatch):
    monkeypatch.setattr("nntasks.run", lambda task, **keys: None)
    with pytest.raises(SystemExit, match="word2vec: expected 103 steps, got 0"):
        seconds_by_category("word2vec", 100)


def test_the_table():
    table = [["task", "ms a step", "other"], ["toy", "1.5", "100%"]]
    assert as_text(table, markdown=False).splitlines()[1] == "toy   1.5        100%"
    assert as_text(table, markdown=True).splitlines()[1] == "| --- | --- | ---: |"
