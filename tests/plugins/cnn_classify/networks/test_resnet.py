"""ResNet as torchvision has it, the stem for small pictures, the shortcut."""

from __future__ import annotations

import pytest
import torch
from small_classifiers import assert_like_torchvision
from torch import nn

from nntasks.plugins.cnn_classify.networks.blocks import BlockFactory
from nntasks.plugins.cnn_classify.networks.resnet import Block, ResNet

PLAIN, BATCH = BlockFactory("none", "relu", 0.5), BlockFactory("batch", "relu", 0.5)


@pytest.mark.parametrize("depth", [18, 34])
def test_with_torchvision_s_weights_it_is_torchvision_s_network(depth):
    network = ResNet(BATCH, depth, 3, 7, "large", 1.0)
    assert_like_torchvision(network, f"resnet{depth}", 96)


@pytest.mark.parametrize(("stem", "side"), [("small", 4), ("large", 1)])
def test_the_small_stem_keeps_the_size_of_pictures(stem, side):
    network = ResNet(BATCH, 18, 1, 5, stem, 0.0625).eval()
    seen = []
    network.layer4.register_forward_hook(lambda layer, inputs, output: seen.append(output.shape))
    assert network(torch.zeros(2, 1, 32, 32)).shape == (2, 5)
    assert seen == [(2, 32, side, side)]


@pytest.mark.parametrize("side", [1, 8, 12])
def test_the_smallest_pictures_pass(side):
    network = ResNet(BATCH, 18, 3, 5, "small", 0.0625).eval()
    assert network(torch.zeros(2, 3, side, side)).shape == (2, 5)


def test_a_block_whose_convolutions_are_zero_is_its_shortcut():
    block = Block(PLAIN, 4, 4, 1)
    for convolution in (block.conv1, block.conv2):
        nn.init.zeros_(convolution.weight)
        nn.init.zeros_(convolution.bias)
    x = torch.randn(1, 4, 5, 5, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block(x), x.relu())


def test_a_block_projects_where_the_shape_changes():
    assert isinstance(Block(BATCH, 4, 4, 1).downsample, nn.Identity)
    block = Block(BATCH, 4, 8, 2)
    assert block(torch.zeros(2, 4, 6, 6)).shape == (2, 8, 3, 3)
    assert block.conv1.bias is None
    assert Block(PLAIN, 4, 8, 2).conv1.bias is not None
