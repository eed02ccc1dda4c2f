"""Dropout layers with a generator of their own: torch's distribution, and its generator unused."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nntasks.training.dropout import DropoutGenerator


def dropped(layer, inputs, seed=5):
    own = DropoutGenerator(layer)
    own.seed(seed)
    with own.installed():
        return layer(inputs)


def test_a_seed_gives_the_same_values_again_and_torchs_generator_is_not_used():
    before = torch.default_generator.get_state()
    first, again = (dropped(nn.Dropout(0.3), torch.ones(50, 40)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, dropped(nn.Dropout(0.3), torch.ones(50, 40), seed=6))
    assert torch.equal(before, torch.default_generator.get_state())


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_values_are_dropped_with_the_probability_and_scaled_as_by_torch(share):
    found = dropped(nn.Dropout(share), torch.full((1000, 1000), 2.0))
    kept = found[found != 0]
    torch.testing.assert_close(kept, torch.full_like(kept, 2 / (1 - share)))
    # five standard deviations of the share of a million values
    assert abs(1 - len(kept) / found.numel() - share) < 5 * (share * (1 - share)) ** 0.5 / 1000


@pytest.mark.parametrize(
    ("kind", "shape"), [(nn.Dropout1d, (9, 64, 5)), (nn.Dropout2d, (9, 64, 5, 3)),
                        (nn.Dropout3d, (9, 64, 5, 3, 2))],
)  # fmt: skip
def test_whole_channels_are_dropped(kind, shape):
    found = dropped(kind(0.5), torch.ones(shape)).flatten(2)
    assert torch.equal(found, found[..., :1].expand_as(found))
    assert set(found.unique().tolist()) == {0.0, 2.0}


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_all_or_nothing(share):
    inputs = torch.rand(4, 4)
    assert torch.equal(dropped(nn.Dropout(share), inputs), inputs * (1 - share))


def test_evaluation_drops_nothing_and_layers_get_their_own_pass_back():
    module = nn.Sequential(nn.Dropout(0.5), nn.Dropout2d(0.5)).eval()
    inputs = torch.rand(2, 3, 4, 4)
    assert torch.equal(dropped(module, inputs), inputs)
    assert all("forward" not in vars(layer) for layer in module)


def test_gradients_are_those_of_the_values_kept():
    inputs = torch.rand(30, 30, requires_grad=True)
    found = dropped(nn.Dropout(0.5), inputs)
    found.sum().backward()
    assert torch.equal(inputs.grad, (found != 0) * 2.0)
