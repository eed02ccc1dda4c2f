"""Norms and activations behind every convolution."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nntasks.plugins.cnn_classify.networks.alexnet import alexnet, alexnet_small
from nntasks.plugins.cnn_classify.networks.blocks import ACTIVATIONS, BlockFactory
from nntasks.plugins.cnn_classify.networks.lenet import lenet
from nntasks.plugins.cnn_classify.networks.resnet import ResNet
from nntasks.plugins.cnn_classify.networks.vgg import vgg11
from nntasks.training.norms import normalisation

PLAIN, BATCH = BlockFactory("none", "relu", 0.5), BlockFactory("batch", "relu", 0.5)


def count(network, kind):
    return sum(isinstance(part, kind) for part in network.modules())


class TestParts:
    @pytest.mark.parametrize(
        ("norm", "kind"),
        [("batch", nn.BatchNorm2d), ("layer", nn.GroupNorm), ("group", nn.GroupNorm)],
    )
    def test_a_norm_behind_every_convolution(self, norm, kind):
        for make, convolutions in (
            (lambda p: alexnet_small(p, 3, 10, 32, 0.5), 5),
            (lambda p: alexnet(p, 3, 10), 5),
            (lambda p: vgg11(p, 3, 10, 32, 0.25), 8),
            (lambda p: lenet(p, 3, 10, 32, 32), 2),
            (lambda p: ResNet(p, 18, 3, 10, "small", 0.25), 20),
        ):
            assert count(make(BlockFactory(norm, "relu", 0)), kind) == convolutions
            assert count(make(PLAIN), (nn.BatchNorm2d, nn.GroupNorm)) == 0

    def test_layer_norm_is_over_all_channels_and_group_norm_over_at_most_32_groups(self):
        x = torch.randn(4, 48, 5, 5)
        expected = nn.functional.layer_norm(x, x.shape[1:])
        assert torch.allclose(normalisation("layer", 48)(x), expected, atol=1e-6)
        assert normalisation("group", 48).num_groups == 24
        assert normalisation("group", 64).num_groups == 32

    @pytest.mark.parametrize("name", ACTIVATIONS)
    def test_activations(self, name):
        kind = type(ACTIVATIONS[name]())
        network = vgg11(BlockFactory("none", name, 0.1), 1, 3, 16, 0.125)
        assert count(network, kind) == 10
        assert name == "relu" or count(network, nn.ReLU) == 0
