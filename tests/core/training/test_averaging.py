"""The average of the weights."""

from __future__ import annotations

import math

import pytest
import torch

from nntasks.training.averaging import Average

pytestmark = pytest.mark.usefixtures("toy")


def test_the_average_follows_with_its_decay():
    module = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(module.weight)
    average = Average(module, decay=0.5, ramp=1)
    torch.nn.init.ones_(module.weight)
    average.update(module, step=1)
    decay = 0.5 * (1 - math.exp(-1))
    assert average.module.weight.item() == pytest.approx(1 - decay)


def test_the_average_of_tied_weights_moves_once():
    first, second = torch.nn.Linear(1, 1, bias=False), torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(first.weight)
    second.weight = first.weight
    module = torch.nn.Sequential(first, second)
    average = Average(module, decay=0.5, ramp=1)
    torch.nn.init.ones_(first.weight)
    average.update(module, step=1)
    decay = 0.5 * (1 - math.exp(-1))
    assert average.module[1].weight.item() == pytest.approx(1 - decay)
