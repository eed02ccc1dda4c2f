"""LeNet-5 for pictures of any size from 12 x 12 pixels on."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nntasks.plugins.cnn_classify.networks.blocks import BlockFactory
from nntasks.plugins.cnn_classify.networks.lenet import LEAST_SIDE, lenet

PLAIN = BlockFactory("none", "tanh", 0.25)


@pytest.mark.parametrize("size", [(LEAST_SIDE, LEAST_SIDE), (13, 40), (28, 28), (33, 12)])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_of_any_size(size, channels):
    network = lenet(PLAIN, channels, 5, *size).eval()
    assert network(torch.zeros(2, channels, *size)).shape == (2, 5)


def test_the_numbers_of_the_paper():
    network = lenet(PLAIN, 1, 10, 28, 28)
    linear = [part for part in network if isinstance(part, nn.Linear)]
    assert [(part.in_features, part.out_features) for part in linear] == [
        (400, 120),
        (120, 84),
        (84, 10),
    ]
    assert sum(p.numel() for p in network.parameters()) == 61_706
    assert [part.p for part in network if isinstance(part, nn.Dropout)] == [0.25, 0.25]
    assert sum(isinstance(part, nn.Tanh) for part in network) == 4
