"""Terms add up; where the network is linear they are known; the gradient is that of differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nntasks.plugins.unet_segment.explanation.attribution import (
    TOLERANCE,
    attribute,
    gradient_magnitude,
)
from nntasks.plugins.unet_segment.explanation.window import Window


def picture(height=40, width=52):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(1, 3, height, width, generator=generator, dtype=torch.double)


@pytest.mark.parametrize(
    "keys",
    [
        {"depth": 3},
        {"norm": "none", "residual": False, "upsample": "bilinear"},
        {"attention": True},
        {"encoder": "resnet18"},
        {"encoder": "mobilenet_v3", "upsample": "bilinear"},
    ],
    ids=lambda keys: "-".join(map(str, keys.values())),
)
def test_terms_add_up_to_the_logit(make_network, keys):
    network, x, y = make_network(**keys), 21, 17
    pixels = picture(24, 30)
    found = attribute(network, pixels, Window.of(network, (x, y), 24, 30))
    with torch.inference_mode():
        logit = float(network(pixels)[0, y, x])
        plain = float(network(torch.zeros_like(pixels))[0, y, x])
    assert found.logit == pytest.approx(logit, abs=1e-9)
    assert found.plain == pytest.approx(plain, abs=1e-9)
    total = sum(float(terms.sum()) for terms in found.maps)
    assert total == pytest.approx(logit - plain, abs=TOLERANCE * max(abs(logit - plain), 1))
    assert found.residual == pytest.approx(logit - plain - total, abs=1e-12)
    assert len(found.maps) == len(network.down.channels)


def test_norms_over_the_whole_picture_say_what_is_missing(make_network):
    network = make_network(norm="layer", depth=1)
    found = attribute(network, picture(16, 16), Window.of(network, (5, 6), 16, 16))
    total = sum(float(terms.sum()) for terms in found.maps)
    assert found.logit == pytest.approx(found.plain + total + found.residual, abs=1e-9)


def test_where_every_unit_is_active_the_network_is_linear_and_nothing_is_missing(make_network):
    """Without a kink, a level's terms are what the logit loses without it."""
    network = make_network(norm="none", residual=False)
    with torch.no_grad():
        for step in network.ups:
            for layer in step.level.body:
                if isinstance(layer, torch.nn.Conv2d):
                    layer.bias.fill_(1e3)  # far above what the weights can add
    found = attribute(network, picture(), Window.of(network, (30, 20), 40, 52))
    assert abs(found.residual) < 1e-8
    assert [float(terms.sum()) for terms in found.maps] == pytest.approx(found.removed, abs=1e-8)
    assert max(map(abs, found.removed)) > 1e-4


def test_a_level_that_the_decoder_ignores_has_no_terms(make_network):
    network = make_network()
    with torch.no_grad():  # the skip connection comes first among the channels that are joined
        network.ups[-1].level.body[0].weight[:, :4] = 0
        network.ups[-1].level.around.weight[:, :4] = 0
    found = attribute(network, picture(), Window.of(network, (9, 30), 40, 52))
    assert not found.maps[0].any()
    assert found.removed[0] == 0
    assert found.maps[1].any()


@pytest.mark.parametrize("place", [(25, 18), (51, 39)], ids=["inside", "corner"])
def test_the_gradient_is_that_of_differences(make_network, place):
    network, x = make_network(depth=1, norm="none"), picture()
    found = gradient_magnitude(network, x, Window.of(network, place, 40, 52))
    step, rng = 1e-6, np.random.default_rng(0)
    near = [
        (min(max(place[1] + int(dy), 0), 39), min(max(place[0] + int(dx), 0), 51))
        for dy, dx in rng.integers(-9, 10, (12, 2))
    ]
    for row, column in near:
        slopes = []
        for channel in range(3):
            ends = []
            for sign in (1, -1):
                moved = x.clone()
                moved[0, channel, row, column] += sign * step
                with torch.inference_mode():
                    ends.append(float(network(moved)[0, place[1], place[0]]))
            slopes.append((ends[0] - ends[1]) / (2 * step))
        assert found[row, column] == pytest.approx(np.abs(slopes).sum(), rel=1e-4, abs=1e-7)


def test_outside_of_the_receptive_field_the_gradient_is_zero(make_network):
    network = make_network(depth=1)
    window = Window.of(network, (25, 18), 40, 52)
    found = gradient_magnitude(network, picture(), window)
    first, last = window.columns.field.within(52)
    top, bottom = window.rows.field.within(40)
    inside = np.zeros((40, 52), bool)
    inside[top : bottom + 1, first : last + 1] = True
    assert not found[~inside].any()
    assert found[inside].any()
