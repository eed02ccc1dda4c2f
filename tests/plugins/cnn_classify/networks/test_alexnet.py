"""AlexNet as torchvision has it, and its variant for small pictures."""

from __future__ import annotations

import pytest
import torch
from small_classifiers import assert_like_torchvision
from torch import nn

from nntasks.plugins.cnn_classify.networks.alexnet import LEAST_SIDE, alexnet, alexnet_small
from nntasks.plugins.cnn_classify.networks.blocks import BlockFactory

PLAIN, BATCH = BlockFactory("none", "relu", 0.5), BlockFactory("batch", "relu", 0.5)


def test_with_torchvision_s_weights_it_is_torchvision_s_network():
    assert_like_torchvision(alexnet(PLAIN, 3, 7), "alexnet", 224)


def test_the_smallest_side_is_the_smallest_that_passes():
    with torch.device("meta"):
        features = alexnet(PLAIN, 1, 3).features
        assert features(torch.zeros(1, 1, LEAST_SIDE, LEAST_SIDE)).shape[-1] == 1
        with pytest.raises(RuntimeError):
            features(torch.zeros(1, 1, LEAST_SIDE - 1, LEAST_SIDE - 1))


@pytest.mark.parametrize(("side", "pools"), [(1, 0), (7, 0), (8, 1), (16, 2), (28, 2), (32, 3)])
@pytest.mark.parametrize("channels", [1, 3])
def test_small_pictures_are_halved_while_they_have_eight_pixels(side, pools, channels):
    network = alexnet_small(BATCH, channels, 5, side, 0.0625).eval()
    assert sum(isinstance(part, nn.MaxPool2d) for part in network.modules()) == pools
    assert network(torch.zeros(2, channels, side, side)).shape == (2, 5)
