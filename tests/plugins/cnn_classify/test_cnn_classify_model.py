"""A network as a picture classifier: inputs, loss, predictions, networks that do not fit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from small_classifiers import INFO, classifier, mean_classifier
from torch import nn
from torch.nn import functional

from nntasks.errors import UsageError
from nntasks.interfaces import Batch
from nntasks.plugins.classification.splits import LabelledPictures
from nntasks.plugins.cnn_classify.model import Adapted

RNG = np.random.default_rng(0)
SPLIT = LabelledPictures(RNG.integers(0, 256, (9, 12, 10, 1), np.uint8), np.arange(9) % 3)
BATCH = SPLIT.batch(range(9))


class TestAdapted:
    def test_grey_pictures_are_repeated(self):
        x = torch.rand(2, 1, 4, 4)
        y = Adapted(nn.Identity(), 3, None)(x)
        assert y.shape == (2, 3, 4, 4)
        assert all(torch.equal(y[:, i], x[:, 0]) for i in range(3))

    def test_pictures_are_scaled_to_a_square(self):
        y = Adapted(nn.Identity(), 3, 6)(torch.full((1, 3, 4, 9), 7.0))
        assert y.shape == (1, 3, 6, 6)
        assert torch.allclose(y, torch.tensor(7.0))


def test_predictions_are_probabilities_in_double_precision():
    model = mean_classifier()
    shares = model.predict(BATCH)
    logits = model.module(model.pixels(BATCH.inputs)).detach().double()
    assert np.allclose(shares, logits.softmax(1).numpy(), rtol=0, atol=1e-12)
    assert shares[0].dtype == np.float64


def test_bytes_become_channels_first():
    x = mean_classifier().pixels(BATCH.inputs)
    assert x.shape == (9, 1, 12, 10)
    assert x[3, 0, 2, 5] == BATCH.inputs[3, 2, 5, 0]


class TestLoss:
    def test_cross_entropy_and_accuracy(self):
        model = mean_classifier()
        logits = model.module(model.pixels(BATCH.inputs))
        loss, numbers = model.loss(model.module, BATCH)
        targets = torch.as_tensor(BATCH.targets)
        assert torch.equal(loss, functional.cross_entropy(logits, targets))
        assert float(numbers["accuracy"]) == pytest.approx(
            float((logits.argmax(1) == targets).float().mean())
        )

    def test_smoothed_labels_cost_a_certain_network(self):
        model = mean_classifier(label_smoothing=0.3)
        certain = torch.full((9, 3), -50.0)
        certain[torch.arange(9), torch.as_tensor(BATCH.targets)] = 50
        loss, numbers = model.loss(lambda pictures: certain, BATCH)
        assert float(loss) == pytest.approx(0.3 * 2 / 3 * 100, rel=1e-5)
        assert numbers["accuracy"] == 1

    def test_mixed_pictures_have_mixed_labels(self):
        torch.manual_seed(0)
        model = mean_classifier(mixup=5.0)
        seen = []
        model.loss(lambda pictures: seen.append(pictures) or torch.zeros(9, 3), BATCH)
        assert not torch.equal(seen[0], model.pixels(BATCH.inputs))


class TestPrepareTraining:
    def deviation(self, **keys):
        model = mean_classifier(**keys)
        model.prepare_training(SPLIT, None)
        return float(model.module.deviation.flatten()[0])

    def test_mean_and_deviation_come_from_the_training_pictures(self):
        assert self.deviation() == pytest.approx(SPLIT.pictures.std(), rel=1e-4)

    def test_unless_weights_came_with_theirs(self, tmp_path):
        assert self.deviation(pretrained=tmp_path / "w") != pytest.approx(
            SPLIT.pictures.std(), rel=1e-2
        )


class TestNetworksThatDoNotFit:
    def test_a_wrong_number_of_logits(self):
        message = r"model=alexnet_small: expected 3 logits per picture, got shape \(1, 4\)"
        with pytest.raises(UsageError, match=message):
            classifier(nn.Flatten(), nn.Linear(120, 4))

    def test_pictures_too_small_for_it(self):
        message = "cannot read pictures of 10 x 12 pixels: .*; scale them up, or choose"
        with pytest.raises(UsageError, match=message) as caught:
            classifier(nn.Conv2d(1, 1, 30), nn.Flatten(), nn.Linear(1, 3))
        assert "\n" not in str(caught.value)


def test_channels_of_the_data_are_those_of_the_statistics():
    info = type(INFO)(INFO.classes, (12, 10, 3))
    model = mean_classifier(info)
    shares = model.predict(Batch(np.zeros((1, 12, 10, 3), np.uint8), None, [0]))
    assert shares[0].sum() == pytest.approx(1)
    assert model.module.mean.numel() == 3
