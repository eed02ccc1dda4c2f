"""The receptive field by the layers, against what a network does when a pixel is not a number."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import nn

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.explanation.receptive_field import (
    WHOLE,
    Span,
    fields,
    read_by,
    union,
)

SMALL = [
    {},
    {"depth": 1, "residual": False, "norm": "none"},
    {"upsample": "bilinear", "attention": True, "norm": "none"},
    {"depth": 3, "attention": True},
    {"norm": "group"},
    {"norm": "layer", "depth": 1},
]
PRETRAINED = [
    {"encoder": "resnet18"},
    {"encoder": "resnet34", "upsample": "bilinear"},
]


def named(keys):
    return "-".join(f"{key}={value}" for key, value in keys.items()) or "default"


def reached(network, size, positions, axis):
    """Return (P, size) bool: which logits along an axis depend on the pixels at each position.

    A pixel that is not a number makes all logits so that depend on it. Along the other axis all
    pixels are changed, so the logit of any line tells.
    """
    shape = [size, 32] if axis == 0 else [32, size]
    rows = []
    for position in positions:
        picture = torch.zeros(1, 3, *shape)
        picture.select(2 + axis, position).fill_(math.nan)
        with torch.inference_mode():
            rows.append(network.float()(picture)[0].isnan().any(dim=1 - axis))
    return torch.stack(rows).numpy()


def spans(network, place, axis):
    return [level.pixels for level in fields(network, place, axis)]


@pytest.mark.parametrize("keys", SMALL, ids=named)
@pytest.mark.parametrize("axis", [0, 1], ids=["rows", "columns"])
def test_it_is_what_the_logit_depends_on(make_network, keys, axis):
    network, size = make_network(**keys), 75
    depends = reached(network, size, range(size), axis)
    for place in range(0, size, 7):
        first, last = union(spans(network, place, axis)).within(size)
        expected = [first <= position <= last for position in range(size)]
        assert depends[:, place].tolist() == expected


@pytest.mark.parametrize("keys", PRETRAINED, ids=named)
def test_of_deep_encoders_its_ends_are_right(make_network, keys):
    network = make_network(**keys)
    place = 32 * 20 + 5
    first, last = map(int, union(spans(network, place, 1)))
    depends = reached(network, 32 * 40, [first - 1, first, place, last, last + 1], 1)
    assert depends[:, place].tolist() == [False, True, True, True, False]


def test_squeeze_and_excitation_reads_the_whole_picture(make_network):
    network = make_network(encoder="mobilenet_v3")
    assert union(spans(network, 70, 1)) == WHOLE
    assert reached(network, 700, [0, 699], 1)[:, 350].all()


def test_lower_levels_read_more(make_network):
    levels = spans(make_network(depth=3), 200, 0)
    assert all(a.first > b.first and a.last < b.last for a, b in itertools.pairwise(levels))
    # A block of two 3 x 3 convolutions in the encoder, and one in the decoder.
    assert levels[0] == Span(200 - 4, 200 + 4)


@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize(
    "layer",
    [
        lambda n: nn.Conv2d(1, 1, 3, stride=n, padding=2, dilation=2),
        lambda n: nn.ConvTranspose2d(1, 1, 4, stride=n, padding=1),
        lambda n: nn.MaxPool2d(3, n, 1),
        lambda n: nn.Upsample(scale_factor=n, mode="bilinear", align_corners=False),
    ],
    ids=["convolution", "transposed", "pooling", "bilinear"],
)
def test_single_layers(layer, scale):
    layer = layer(scale).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(1.0)
    ramp = torch.arange(1.0, 25.0, dtype=torch.double)[None, None, None].expand(1, 1, 24, 24)
    outputs = layer(ramp).shape[3]
    for place in range(outputs // 3, 2 * outputs // 3):
        found = []
        for position in range(24):
            picture = ramp.clone()
            picture[..., position] = math.nan
            if layer(picture)[0, 0, outputs // 2, place].isnan():
                found.append(position)
        span = read_by(layer, Span(place, place), 1)
        assert (found[0], found[-1]) == span


def test_the_whole_stays_the_whole_and_unknown_layers_are_named():
    assert read_by(nn.Conv2d(1, 1, 3), WHOLE, 0) == WHOLE
    assert read_by(nn.GroupNorm(1, 2), Span(3, 3), 0) == WHOLE
    assert WHOLE.within(7) == (0, 6)
    with pytest.raises(UsageError, match="known layers, got the layer PReLU"):
        read_by(nn.PReLU(), Span(0, 0), 0)
