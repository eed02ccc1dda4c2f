"""The encoders: maps that halve, channels, a user's weights."""

from __future__ import annotations

import pytest
import torch
from torchvision import models

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.encoders import encoder
from nntasks.plugins.unet_segment.network import UNet


class TestEncoders:
    @pytest.mark.parametrize("kind", ["resnet18", "mobilenet_v3"])
    def test_maps_halve_and_have_the_channels_they_say(self, kind):
        down = encoder(kind, None).eval()
        maps = down(torch.rand(1, 3, 64, 96))
        assert [tuple(m.shape[1:]) for m in maps] == [
            (c, 64 // 2**n, 96 // 2**n) for n, c in enumerate(down.channels, start=1)
        ]
        network = UNet(
            down,
            (64, 32, 16, 16, 8),
            upsample="bilinear",
            attention=True,
            norm="batch",
            residual=True,
        ).eval()
        assert network(torch.rand(1, 3, 50, 70)).shape == (1, 50, 70)

    def test_weights_that_a_user_brings(self, tmp_path):
        torch.manual_seed(1)
        theirs = models.resnet18().eval()
        torch.save(theirs.state_dict(), tmp_path / "resnet18.pth")
        down = encoder("resnet18", tmp_path / "resnet18.pth").eval()
        x = torch.rand(1, 3, 64, 64)
        with torch.inference_mode():
            expected = theirs.fc(theirs.avgpool(down(x)[-1]).flatten(1))
            assert torch.allclose(theirs(x), expected, atol=1e-5)
        with pytest.raises(UsageError, match="is not of resnet34"):
            encoder("resnet34", tmp_path / "resnet18.pth")
