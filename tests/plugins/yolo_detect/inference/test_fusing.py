"""Folding batch norms: the same outputs, and the original left alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nntasks.plugins.yolo_detect.inference.fusing import fused, fused_for_bytes
from nntasks.plugins.yolo_detect.network import YoloV5


@pytest.fixture
def lived_in():
    """Return a function that makes a network whose batch norms are not as they were made."""

    def make(width=0.125):
        torch.manual_seed(0)
        network = YoloV5(3, 0.33, width)
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm2d):
                nn.init.normal_(layer.running_mean, 0, 0.3)
                nn.init.uniform_(layer.running_var, 0.2, 2)
                nn.init.uniform_(layer.weight, 0.5, 1.5)
                nn.init.normal_(layer.bias, 0, 0.3)
        return network

    return make


def largest_difference(ours, theirs):
    """Return the largest difference between the levels of two outputs."""
    return max(float((a - b).abs().max()) for a, b in zip(ours, theirs, strict=True))


def test_same_outputs_to_rounding(lived_in):
    network = lived_in().double().eval()
    pixels = torch.rand(2, 3, 96, 64, dtype=torch.float64)
    with torch.no_grad():
        assert largest_difference(fused(network)(pixels), network(pixels)) < 1e-12


def test_same_outputs_of_public_weights(public_model):
    network = public_model.module.eval()
    pixels = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert largest_difference(fused(network)(pixels), network(pixels)) < 1e-4


def test_for_bytes_takes_pixels_as_they_are(lived_in):
    network = lived_in().double().eval()
    pixels = torch.randint(0, 256, (2, 3, 64, 96)).double()
    with torch.no_grad():
        expected = network(pixels / 255)
        assert largest_difference(fused_for_bytes(network)(pixels), expected) < 1e-12


def test_no_batch_norm_is_left_and_no_gradient_asked_for(lived_in):
    result = fused(lived_in())
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in result.modules())
    assert not any(parameter.requires_grad for parameter in result.parameters())
    assert not any(layer.training for layer in result.modules())


def test_the_original_stays_as_it_was(lived_in):
    network = lived_in().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    result = fused(network)
    for value in result.parameters():
        value.data.zero_()
    assert network.training
    assert all(parameter.requires_grad for parameter in network.parameters())
    after = network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_fused_network_may_be_fused_again(lived_in):
    once = fused(lived_in())
    pixels = torch.rand(1, 3, 64, 64)
    assert largest_difference(fused(once)(pixels), once(pixels)) == 0


@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
def test_the_memory_format_of_the_weights_is_kept(lived_in, memory):
    result = fused(lived_in().to(memory_format=memory))
    assert result.model[1].conv.weight.is_contiguous(memory_format=memory)
