"""The settings of t-SNE reach the library, and its divergence comes back."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.embedding_analysis.maps.layouts import TsneSettings, layouts


@pytest.fixture(params=["openTSNE", "scikit-learn"])
def library(request, monkeypatch):
    if request.param == "openTSNE":
        pytest.importorskip("openTSNE")
    else:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    return request.param


def points():
    rng = np.random.default_rng(1)
    return {"a": np.repeat(np.eye(6)[:3], 12, axis=0) + 0.1 * rng.normal(size=(36, 6))}


def test_more_steps_leave_a_smaller_divergence(library):
    few, many = (
        layouts("tsne", points(), 0, TsneSettings(5, steps)).divergence["a"] for steps in (0, 400)
    )
    assert 0 < many < few


def test_perplexity_changes_the_map(library):
    near, far = (layouts("tsne", points(), 0, TsneSettings(p, 100)) for p in (2, 11))
    assert not np.allclose(near["a"], far["a"])


def test_other_layouts_have_no_divergence():
    assert layouts("pca", points(), 0).divergence == {}


@pytest.mark.parametrize(("words", "expected"), [(100, 30), (31, 10), (3, 1)])
def test_perplexity_is_at_most_a_third_of_the_words(words, expected):
    assert TsneSettings(30).perplexity_of(words) == expected
