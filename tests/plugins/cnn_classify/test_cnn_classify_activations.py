"""The outputs of layers: watched in order, exchanged, told apart."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nntasks.plugins.cnn_classify.activations import gives_tokens, is_feature_map, watch_layers


def network():
    inner = nn.Sequential(nn.Flatten(), nn.Identity())
    return nn.Sequential(nn.ReLU(), inner)


def test_leaves_are_seen_in_order_with_their_outputs():
    seen = []
    made = network()
    with watch_layers(made, lambda name, layer, y: seen.append((name, y.tolist())) or None):
        made(torch.tensor([[[-1.0], [2.0]]]))
    assert [name for name, _ in seen] == ["0", "1.0", "1.1"]
    assert seen[0][1] == [[[0], [2]]]
    assert seen[2][1] == [[0, 2]]


def test_what_the_watcher_returns_takes_the_output_s_place():
    made = network()
    with watch_layers(made, lambda name, layer, y: y + 1 if name == "0" else None):
        assert made(torch.zeros(1, 2)).tolist() == [[1, 1]]
    assert made(torch.zeros(1, 2)).tolist() == [[0, 0]]


def test_nothing_is_watched_after_an_error():
    made, seen = network(), []
    with pytest.raises(KeyError), watch_layers(made, lambda name, *_: seen.append(name)):
        raise KeyError
    made(torch.zeros(1, 2))
    assert seen == []


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (nn.Conv2d(1, 1, 1), (1, 6, 4, 4), True),
        (nn.ReLU(), (1, 6, 4, 4), True),
        (nn.MaxPool2d(2), (1, 6, 4, 4), False),
        (nn.AdaptiveAvgPool2d(1), (1, 6, 1, 1), False),
        (nn.Dropout(), (1, 6, 4, 4), False),
        (nn.Linear(1, 1), (1, 6), False),
    ],
)
def test_feature_maps_are_of_layers_that_find_something(layer, shape, expected):
    assert is_feature_map(layer, torch.zeros(shape)) is expected


class OfMaps(nn.LayerNorm):
    """A norm of (B, D, H, W), as torchvision has one."""


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (nn.LayerNorm(4), (1, 9, 4), True),
        (nn.Linear(4, 4), (1, 3, 3, 4), True),
        (nn.LayerNorm(4), (1, 3, 3, 4), True),
        (OfMaps(4), (1, 3, 3, 4), False),
        (nn.ReLU(), (1, 9, 4), False),
        (nn.Conv2d(1, 1, 1), (1, 6, 4, 4), False),
        (nn.Linear(4, 4), (1, 4), False),
    ],
)
def test_tokens_are_of_layers_with_weights(layer, shape, expected):
    assert gives_tokens(layer, torch.zeros(shape)) is expected
