"""oneDNN's convolutions: the features of the plain network, whatever the depth of its blocks."""

from __future__ import annotations

import pytest
import torch

from nntasks.plugins.yolo_detect.inference import onednn
from nntasks.plugins.yolo_detect.inference.fusing import fused_for_bytes
from nntasks.plugins.yolo_detect.network import C3, SPPF, YoloV5

SIZE = 64


def lively(network, images):
    """Give a network the statistics of images, so that its features are as large as if trained."""
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        network.train()(images / 255)
    return fused_for_bytes(network.eval())


@pytest.fixture(scope="module")
def images():
    generator = torch.Generator().manual_seed(0)
    coarse = torch.randint(0, 256, (4, 3, 8, 8), generator=generator).float()
    wide = coarse.repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)
    return wide.contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("depth", [0.33, 1.0])  # one bottleneck and more, in every block
def test_features_are_those_of_the_plain_network(images, depth):
    torch.manual_seed(0)
    plain = lively(YoloV5(3, depth, 0.125), images)
    ours = onednn.opened(plain, SIZE)
    if ours is None:
        pytest.skip("this torch has no fused convolutions of oneDNN")
    with torch.inference_mode():
        for count in (1, 4):
            found = ours.features(images[:count])
            expected = plain.features(images[:count])
            for mine, theirs in zip(found, expected, strict=True):
                largest = float(theirs.abs().max())
                assert largest > 0.5
                torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-4 * largest)


def test_no_block_is_left_out():
    ours = onednn.opened(fused_for_bytes(YoloV5(3, 0.33, 0.125)), SIZE)
    if ours is None:
        pytest.skip("this torch has no fused convolutions of oneDNN")
    left = [layer for layer in ours.modules() if isinstance(layer, (C3, torch.nn.SiLU))]
    assert left == []


@pytest.mark.parametrize("kernel", [3, 5])
def test_maxima_by_rows_and_columns_are_those_of_the_square(kernel):
    pool = SPPF(8, 8, kernel).m
    x = torch.randn(2, 4, 11, 7)
    x[0, 0, 3, 3] = torch.nan
    x[0, 1, 5, 2] = -torch.inf
    assert torch.equal(
        onednn._by_rows_and_columns(pool)(x).nan_to_num(9e9), pool(x).nan_to_num(9e9)
    )
