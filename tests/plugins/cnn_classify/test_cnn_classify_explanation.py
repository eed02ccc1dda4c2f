"""Explanations of a class: terms that add up, evidence, what cannot be explained."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from small_classifiers import classifier, mean_classifier
from torch import nn

from nntasks.errors import UsageError
from nntasks.plugins.cnn_classify.explanation import explain_picture


@pytest.fixture
def mean_network():
    return mean_classifier()


class TestExplanation:
    def test_the_terms_add_up_to_the_logit(self, mean_network, tmp_path):
        picture = np.random.default_rng(1).integers(0, 256, (12, 10), dtype=np.uint8)
        Image.fromarray(picture).save(tmp_path / "a.png")
        found = explain_picture(mean_network, tmp_path / "a.png", "right")
        with torch.inference_mode():
            logits = mean_network.module(mean_network.pixels(picture[None, ..., None]))[0].double()
        assert found.units == 6
        terms = [*found.raising, *found.lowering]  # six units: all of those that are not 0
        assert found.bias + sum(t.share for t in terms) == pytest.approx(found.logit, abs=1e-3)
        assert found.logit == pytest.approx(float(logits[1]), abs=1e-3)
        assert found.probability == pytest.approx(float(logits.softmax(0)[1]), abs=1e-5)
        assert np.shape(found.looked_at) == (12, 10)
        assert "right: probability" in str(found)
        assert found.to_dict()["layer"] == "1"

    def test_bad_input(self, mean_network, tmp_path):
        Image.fromarray(np.zeros((12, 10), np.uint8)).save(tmp_path / "a.png")
        with pytest.raises(UsageError, match="label: expected one of left, right, neither"):
            explain_picture(mean_network, tmp_path / "a.png", "middle")
        with pytest.raises(UsageError, match="cannot read"):
            explain_picture(mean_network, tmp_path / "b.png", "")

    def test_the_most_probable_class_is_explained_by_default(self, mean_network, tmp_path):
        Image.fromarray(np.full((12, 10), 90, np.uint8)).save(tmp_path / "a.png")
        found = explain_picture(mean_network, tmp_path / "a.png", "")
        assert found.label == max(found.classes, key=found.classes.get)

    def test_a_network_without_maps_says_so(self, tmp_path):
        Image.fromarray(np.zeros((12, 10), np.uint8)).save(tmp_path / "a.png")
        found = explain_picture(classifier(nn.Flatten(), nn.Linear(120, 3)), tmp_path / "a.png", "")
        assert found.looked_at == ()
        assert "the network has no feature map" in str(found)

    def test_a_last_layer_that_gives_no_logits(self, tmp_path):
        Image.fromarray(np.zeros((12, 10), np.uint8)).save(tmp_path / "a.png")
        odd = classifier(nn.Flatten(), nn.Linear(120, 9), nn.AdaptiveAvgPool1d(3))
        with pytest.raises(UsageError, match="expected a network whose last layer is linear"):
            explain_picture(odd, tmp_path / "a.png", "")
