"""The state of optimisers: stored and loaded, it goes on as if nothing had happened."""

from __future__ import annotations

import copy
import subprocess
import sys

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


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("sgd", lambda groups: torch.optim.SGD(groups, 0.05, momentum=0.9, fused=True)),
        ("adam", lambda groups: torch.optim.Adam(groups, 0.05, betas=(0.9, 0.99), fused=True)),
        ("adamw", lambda groups: torch.optim.AdamW(groups, 0.05, betas=(0.9, 0.99), fused=True)),
    ],
)
def test_the_steps_are_torchs_own(name, theirs):
    config = TrainingConfig(optimizer=name, lr=0.05, momentum=0.9, beta2=0.99, nesterov=False)
    mine, other = layers(torch.contiguous_format), layers(torch.contiguous_format)
    train(mine, build_optimizer(config, parameter_groups(mine, 0.01)), range(3))
    train(other, theirs(parameter_groups(other, 0.01)), range(3))
    for ours, expected in zip(mine.parameters(), other.parameters(), strict=True):
        assert ours.requires_grad
        assert torch.equal(ours, expected)


def test_no_step_imports_the_compiler():
    program = """
import sys, torch
from nntasks.training.config import TrainingConfig
from nntasks.training.optimizers import build_optimizer, optimizer_arrays
for name in ("sgd", "adam", "adamw", "muon"):
    weights = [torch.nn.Parameter(torch.ones(4, 3))]
    groups = [{"params": weights, "weight_decay": 0.0}]
    optimizer = build_optimizer(TrainingConfig(optimizer=name), groups)
    weights[0].square().sum().backward()
    optimizer.step()
    optimizer.zero_grad()
    optimizer_arrays(optimizer)
sys.exit("torch._dynamo" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr or "the compiler was imported"
