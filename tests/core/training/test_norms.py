"""Normalisation layers: what each makes zero in the mean, and how group norm divides channels."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nntasks.training.norms import normalisation

MAPS = torch.randn(4, 6, 5, 3, generator=torch.Generator().manual_seed(0)) * 3 + 2


@pytest.mark.parametrize(
    ("kind", "over"), [("batch", (0, 2, 3)), ("layer", (1, 2, 3)), ("group", (2, 3))]
)
def test_what_is_standardised(kind, over):
    found = normalisation(kind, 6)(MAPS)
    variance, mean = torch.var_mean(found, over, correction=0)
    torch.testing.assert_close(mean, torch.zeros_like(mean), atol=1e-5, rtol=0)
    torch.testing.assert_close(variance, torch.ones_like(variance), atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    ("channels", "groups"), [(1, 1), (7, 7), (32, 32), (48, 24), (64, 32), (37, 1), (74, 2)]
)
def test_group_norm_has_the_most_groups_that_divide_the_channels(channels, groups):
    assert normalisation("group", channels).num_groups == groups


def test_none_changes_nothing_and_learns_nothing():
    layer = normalisation("none", 6)
    assert torch.equal(layer(MAPS), MAPS)
    assert not list(layer.parameters())
    assert not isinstance(layer, nn.BatchNorm2d)
