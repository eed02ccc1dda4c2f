"""The state of optimisers: stored and loaded, it goes on as if nothing had happened."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from nntasks.run_folder.array_files import dump_arrays, load_arrays
from nntasks.training.config import TrainingConfig
from nntasks.training.optimizers import (
    build_optimizer,
    load_optimizer,
    optimizer_arrays,
    parameter_groups,
)


def layers(memory_format):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 2, 3), nn.Flatten(), nn.Linear(8, 1))
    module.scale = nn.Parameter(torch.tensor(1.0))
    return module.to(memory_format=memory_format)


def train(module, optimizer, steps):
    for step in steps:
        images = torch.randn(4, 3, 6, 6, generator=torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        (module(images) * module.scale).square().mean().backward()
        optimizer.step()


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "muon"])
def test_from_a_file_it_goes_on_to_the_same_bits(name, memory_format, tmp_path):
    config = TrainingConfig(optimizer=name, lr=0.05, momentum=0.9)
    module = layers(memory_format)
    optimizer = build_optimizer(config, parameter_groups(module, 0.01))
    train(module, optimizer, range(3))

    (tmp_path / "state").write_bytes(dump_arrays(optimizer_arrays(optimizer)))
    resumed = copy.deepcopy(module)
    again = build_optimizer(config, parameter_groups(resumed, 0.01))
    load_optimizer(again, load_arrays(tmp_path / "state", "torch"))

    train(module, optimizer, range(3, 6))
    train(resumed, again, range(3, 6))
    for mine, theirs in zip(module.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(mine, theirs)
