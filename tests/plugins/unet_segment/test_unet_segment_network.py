"""The network: any size, its choices, the paper's parameters, its receptive field."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nntasks.plugins.unet_segment.network import AttentionGate, UNet, UNetEncoder


def unet(depth=2, width=4, residual=False, norm="none", upsample="transposed", attention=False):
    torch.manual_seed(0)
    steps = [width * 2**n for n in reversed(range(depth))]
    return UNet(
        UNetEncoder(3, depth, width, norm, residual, 0.0),
        steps,
        upsample=upsample,
        attention=attention,
        norm=norm,
        residual=residual,
    ).eval()


class TestNetwork:
    @pytest.mark.parametrize("size", [(1, 1), (7, 13), (32, 32), (33, 65)])
    def test_any_size_comes_out_as_it_went_in(self, size):
        assert unet()(torch.rand(2, 3, *size)).shape == (2, *size)

    @pytest.mark.parametrize("upsample", ["transposed", "bilinear"])
    @pytest.mark.parametrize("attention", [False, True])
    @pytest.mark.parametrize("residual", [False, True])
    @pytest.mark.parametrize("norm", ["none", "batch", "layer", "group"])
    def test_every_choice_builds(self, upsample, attention, residual, norm):
        network = unet(2, 4, residual, norm, upsample, attention)
        assert network(torch.rand(1, 3, 16, 20)).shape == (1, 16, 20)
        kinds = [type(part) for part in network.modules()]
        assert (AttentionGate in kinds) == attention
        assert (nn.ConvTranspose2d in kinds) == (upsample == "transposed")

    def test_at_the_size_of_the_paper_it_has_the_papers_parameters(self):
        network = unet(4, 64)
        # 31,030,593 for one colour is the number in use; two more colours are 2 x 9 x 64 weights.
        assert sum(p.numel() for p in network.parameters()) == 31_030_593 + 2 * 9 * 64

    def test_a_pixel_is_told_what_lies_around_it(self):
        network = unet(3)
        x = torch.rand(1, 3, 64, 64, requires_grad=True)
        network(x)[0, 32, 32].backward()
        rows = x.grad.abs().sum(dim=(0, 1, 3)).nonzero().flatten()
        assert rows.min() < 16
        assert rows.max() > 48
