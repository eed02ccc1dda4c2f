"""The logit from its window is the logit from the whole picture."""

from __future__ import annotations

import pytest
import torch

from nntasks.plugins.unet_segment.explanation.window import Window

PIXELS = [(0, 0), (13, 40), (74, 89), (70, 3)]


@pytest.mark.parametrize(
    "keys",
    [
        {"depth": 3},
        {"depth": 1, "norm": "none", "upsample": "bilinear"},
        {"norm": "group", "attention": True},
        {"encoder": "resnet18", "upsample": "bilinear"},
        {"encoder": "mobilenet_v3"},
    ],
    ids=lambda keys: "-".join(map(str, keys.values())),
)
def test_the_logit_is_the_same(make_network, keys):
    network = make_network(**keys)
    picture = torch.rand(1, 3, 90, 75, dtype=torch.double)
    with torch.inference_mode():
        whole = network(picture)[0]
        for x, y in PIXELS:
            window = Window.of(network, (x, y), 90, 75)
            maps = window.read_maps(network.down(window.part(network.padded(picture))))
            assert float(window.logit(network, maps)) == pytest.approx(float(whole[y, x]), abs=1e-9)


def test_of_a_large_picture_a_small_part_is_read(make_network):
    window = Window.of(make_network(depth=2), (500, 400), 900, 1000)
    assert window.read_pixels <= 64 * 64
    assert window.decoded_pixels <= 24 * 24
    assert window.columns.start % 4 == window.rows.end % 4 == 0
