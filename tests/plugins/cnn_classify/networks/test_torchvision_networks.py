"""Networks of torchvision: norms and dropout exchanged."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nntasks.errors import UsageError
from nntasks.plugins.cnn_classify.networks.blocks import BlockFactory
from nntasks.plugins.cnn_classify.networks.torchvision_networks import (
    exchange_layers,
    last_linear,
    torchvision_network,
)
from nntasks.plugins.cnn_classify.networks.vgg import vgg11

PLAIN, BATCH = BlockFactory("none", "relu", 0.5), BlockFactory("batch", "relu", 0.5)


def count(network, kind):
    return sum(isinstance(part, kind) for part in network.modules())


class TestTorchvision:
    def test_parts_are_exchanged(self):
        network = exchange_layers(
            torchvision_network("mobilenet_v3_small", 4), "group", "silu", 0.4
        )
        assert count(network, (nn.BatchNorm2d, nn.Hardswish, nn.ReLU)) == 0
        assert count(network, nn.GroupNorm) == 34
        assert {part.p for part in network.modules() if isinstance(part, nn.Dropout)} == {0.4}
        assert network.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 4)

    def test_norms_are_put_in_where_there_are_none(self):
        network = exchange_layers(torchvision_network("vgg11", 4), "batch", "auto", None)
        ours = vgg11(BATCH, 3, 4, 224, 1.0)
        assert list(network.state_dict()) == list(ours.state_dict())
        bare = exchange_layers(torchvision_network("alexnet", 4), "none", "auto", None)
        assert count(bare, nn.BatchNorm2d) == 0

    def test_no_norm_leaves_a_network_that_runs(self):
        network = exchange_layers(torchvision_network("resnet18", 4), "none", "auto", None)
        assert count(network, nn.BatchNorm2d) == 0
        assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 4)

    def test_a_dropout_where_there_is_none(self):
        network = exchange_layers(torchvision_network("resnet18", 4), "auto", "auto", 0.3)
        assert isinstance(network.fc, nn.Sequential)
        assert network.fc[0].p == 0.3
        assert last_linear(network)[0] == "fc.1"

    def test_what_cannot_be(self):
        with pytest.raises(UsageError, match="no batch norm to replace"):
            exchange_layers(torchvision_network("vit_b_32", 4), "group", "auto", None)
        with pytest.raises(UsageError, match=r"no classifier 'resnet81'. Did you mean 'resnet18'"):
            torchvision_network("resnet81", 4)
