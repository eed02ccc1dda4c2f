"""oneDNN's convolutions against torch's usual ones, and torches that do not have them."""

from __future__ import annotations

import pytest
import torch

from nntasks.plugins.yolo_detect.inference import onednn
from nntasks.plugins.yolo_detect.inference.fusing import fused, fused_for_bytes
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


CLOSE = {"rtol": 0, "atol": 1e-5}
LAST = torch.channels_last


@pytest.fixture
def network():
    """Return a small network that opens; skip where none does."""
    torch.manual_seed(0)
    made = fused_for_bytes(YoloV5(2, 0.33, 0.125))
    if onednn.opened(made, SIZE) is None:
        pytest.skip("this torch has no fused convolutions of oneDNN")
    return made


def pixels(*shape):
    torch.manual_seed(1)
    return torch.randn(*shape).contiguous(memory_format=LAST)


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize(("kernel", "stride", "padding"), [(1, 1, 0), (3, 1, 1), (3, 2, 1)])
@torch.inference_mode()
def test_a_convolution_followed_by_silu(kernel, stride, padding):
    torch.manual_seed(0)
    conv = torch.nn.Conv2d(6, 10, kernel, stride, padding).to(memory_format=LAST)
    x = pixels(2, 6, 9, 11)
    expected = torch.nn.functional.silu(conv(x))
    torch.testing.assert_close(onednn.OneDnnConv(conv)(x), expected, **CLOSE)


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("shortcut", [True, False])
@pytest.mark.parametrize("repeats", [1, 3])
@torch.inference_mode()
def test_a_block_in_place_leaves_its_input_alone(shortcut, repeats):
    torch.manual_seed(0)
    holder = torch.nn.Module()
    holder.block = C3(16, 24, repeats, shortcut)
    block = fused(holder).block.to(memory_format=LAST)
    x = pixels(1, 16, 8, 8)
    given = x.clone()
    torch.testing.assert_close(onednn.InPlaceC3(block)(x), block(x), **CLOSE)
    assert torch.equal(x, given)


def test_the_network_that_was_given_stays_as_it_was(network):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    kinds = [type(layer) for layer in network.modules()]
    onednn.opened(network, SIZE)
    assert [type(layer) for layer in network.modules()] == kinds
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("error", [AttributeError, NotImplementedError, RuntimeError, TypeError])
def test_a_torch_that_has_lost_them(network, monkeypatch, error):
    def lost(*arguments):
        raise error("no such convolution")

    monkeypatch.setattr(onednn.OneDnnConv, "forward", lost)
    assert onednn.opened(network, SIZE) is None


def test_a_torch_that_computes_something_else(network, monkeypatch):
    right = onednn.OneDnnConv.forward
    monkeypatch.setattr(onednn.OneDnnConv, "forward", lambda conv, x: right(conv, x) * 1.01)
    assert onednn.opened(network, SIZE) is None


def test_a_processor_without_onednn(network, monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert onednn.opened(network, SIZE) is None


def test_a_network_that_gives_no_numbers_is_no_reason_to_refuse(network):
    with torch.no_grad():
        network.model[0].conv.bias.fill_(torch.nan)
    assert onednn.opened(network, SIZE) is not None
