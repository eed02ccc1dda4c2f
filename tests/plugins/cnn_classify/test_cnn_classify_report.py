"""Figures and tables of a network: filters, feature maps, layers, evidence."""

from __future__ import annotations

import numpy as np
import pytest
from small_classifiers import classifier, mean_classifier
from torch import nn

from nntasks.interfaces import Outcome
from nntasks.plugins.classification.splits import LabelledPictures
from nntasks.plugins.cnn_classify import report
from nntasks.plugins.cnn_classify.report import feature_maps, layer_table

SPLIT = LabelledPictures(
    np.random.default_rng(0).integers(0, 256, (4, 12, 10, 1), np.uint8), np.array([0, 1, 2, 0])
)


@pytest.fixture
def mean_network():
    return mean_classifier()


def test_feature_maps_and_layers(mean_network):
    maps = feature_maps(mean_network, np.zeros((12, 10, 1), np.uint8))
    assert {name: value.shape for name, value in maps.items()} == {
        "0": (6, 12, 10),
        "1": (6, 12, 10),
    }
    rows = [tuple(row) for row in layer_table(mean_network).rows]
    assert rows == [("0", "Conv2d", "6 x 12 x 10", 60, 54 * 120), ("4", "Linear", "3", 21, 18)]


def test_the_table_sums_up_and_leaves_out_what_is_too_long(mean_network, monkeypatch):
    assert "81 parameters and 0.0 million multiplications" in layer_table(mean_network).caption
    monkeypatch.setattr(report, "LISTED", 1)
    table = layer_table(mean_network)
    assert len(table.rows) == 1
    assert table.caption.endswith("The first 1 of 2 are listed.")


def test_one_of_each_class_is_shown_in_turn():
    labels = np.array([0, 0, 1, 2, 1, 2])
    assert report._varied([5, 4, 3, 2, 1, 0], labels) == [1, 4, 5]
    assert report._varied([], labels) == []


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_each_filter_has_its_panel(channels):
    weight = np.random.default_rng(0).normal(size=(12, channels, 3, 3))
    figure = report.draw_filters(weight)
    shown = [axes for axes in figure.axes if axes.images]
    assert len(shown) == 12
    image = shown[0].images[0].get_array()
    assert image.shape == ((3, 3, 3) if channels == 3 else (3, 3))


def test_a_network_without_convolutions_has_no_figures():
    model = classifier(nn.Flatten(), nn.Linear(120, 3))
    assert list(report.figures(model, Outcome({}, {}, SPLIT, (), model))) == []


def test_without_a_metric_there_is_no_evidence(mean_network):
    found = report.figures(mean_network, Outcome({}, {}, SPLIT, (), mean_network))
    assert [figure.name for figure in found] == ["filters", "feature_maps"]
