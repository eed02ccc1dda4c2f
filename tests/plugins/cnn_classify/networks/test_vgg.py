"""VGG-11 as torchvision has it, with and without norms, and for small pictures."""

from __future__ import annotations

import pytest
import torch
from small_classifiers import assert_like_torchvision
from torch import nn

from nntasks.plugins.cnn_classify.networks.blocks import BlockFactory
from nntasks.plugins.cnn_classify.networks.vgg import vgg11

PLAIN, BATCH = BlockFactory("none", "relu", 0.5), BlockFactory("batch", "relu", 0.5)


@pytest.mark.parametrize(("factory", "name"), [(PLAIN, "vgg11"), (BATCH, "vgg11_bn")])
def test_with_torchvision_s_weights_it_is_torchvision_s_network(factory, name):
    assert_like_torchvision(vgg11(factory, 3, 7, 224, 1.0), name, 224)


@pytest.mark.parametrize(("side", "pools"), [(1, 0), (2, 1), (8, 3), (32, 5), (63, 5)])
def test_small_pictures_are_halved_down_to_one_pixel(side, pools):
    network = vgg11(BATCH, 1, 5, side, 0.0625).eval()
    assert sum(isinstance(part, nn.MaxPool2d) for part in network.modules()) == pools
    assert network(torch.zeros(2, 1, side, side)).shape == (2, 5)
    assert network.classifier[0].in_features == 32  # the mean of each channel


def test_from_64_pixels_on_the_linear_layers_read_seven_by_seven_places():
    network = vgg11(PLAIN, 3, 5, 64, 0.0625).eval()
    assert network.classifier[0].in_features == 32 * 49
    assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 5)
