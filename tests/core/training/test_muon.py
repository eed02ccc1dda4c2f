"""Muon against singular value decompositions, torch's own Muon, and AdamW."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from nntasks.training import muon
from nntasks.training.muon import Muon, orthogonalised


def random(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(3, 4, 4), (2, 5, 30), (1, 1, 7)])
def test_only_singular_values_change(shape):
    matrices = random(*shape)
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    found = left.mT @ orthogonalised(matrices) @ right.mT
    values = found.diagonal(dim1=1, dim2=2)
    assert ((values > 0.7) & (values < 1.3)).all()
    torch.testing.assert_close(found, torch.diag_embed(values), atol=1e-4, rtol=0)


def test_singular_values_above_a_hundredth_of_the_norm_come_near_one():
    values = torch.logspace(-2, 0, 10_001, dtype=torch.float64)
    for a, b, c in muon.QUINTICS:
        values = a * values + b * values**3 + c * values**5
    assert ((values > 0.72) & (values < 1.28)).all()


def test_the_scale_of_a_gradient_does_not_matter():
    matrices = random(2, 4, 6)
    torch.testing.assert_close(orthogonalised(matrices * 1000), orthogonalised(matrices))


def steps(parameter, optimizer, count=3):
    for seed in range(count):
        parameter.grad = random(*parameter.shape, seed=seed)
        optimizer.step()
    return parameter.detach()


@pytest.mark.parametrize("shape", [(8, 20), (20, 8), (6, 6)])
def test_with_its_polynomial_it_is_torchs_muon_but_for_bfloat16(shape, monkeypatch):
    monkeypatch.setattr(muon, "QUINTICS", ((3.4445, -4.7750, 2.0315),) * 5)
    ours, theirs = (nn.Parameter(random(*shape)) for _ in range(2))
    groups = [{"params": [ours], "weight_decay": 0.1}]
    mine = steps(ours, Muon(groups, 0.1, momentum=0.9, beta2=0.99))
    peer = torch.optim.Muon(
        [theirs], 0.1, weight_decay=0.1, momentum=0.9, adjust_lr_fn="match_rms_adamw"
    )
    # Three steps of rms 0.02 each; bfloat16 rounds to 1 in 256 at every product.
    torch.testing.assert_close(mine, steps(theirs, peer), atol=4e-3, rtol=0)


def test_a_filter_bank_is_a_matrix_of_its_outputs():
    bank = nn.Parameter(random(4, 3, 2, 2))
    flat = nn.Parameter(random(4, 3, 2, 2).flatten(1))
    for parameter in (bank, flat):
        parameter.grad = random(4, 3, 2, 2, seed=1).reshape(parameter.shape)
        groups = [{"params": [parameter], "weight_decay": 0.0}]
        Muon(groups, 0.1, momentum=0.9, beta2=0.99).step()
    torch.testing.assert_close(bank.flatten(1), flat)


def test_channels_last_changes_nothing_but_the_order_in_memory():
    bank = nn.Parameter(random(4, 3, 2, 2))
    last = nn.Parameter(random(4, 3, 2, 2).to(memory_format=torch.channels_last))
    for parameter in (bank, last):
        groups = [{"params": [parameter], "weight_decay": 0.01}]
        steps(parameter, Muon(groups, 0.1, momentum=0.9, beta2=0.99))
    torch.testing.assert_close(bank, last)
    assert last.is_contiguous(memory_format=torch.channels_last)


def test_vectors_and_scalars_go_by_adamw():
    for shape in ((5,), ()):
        ours, theirs = (nn.Parameter(random(*shape)) for _ in range(2))
        groups = [{"params": [ours], "weight_decay": 0.1}]
        mine = steps(ours, Muon(groups, 0.1, momentum=0.9, beta2=0.99))
        peer = torch.optim.AdamW([theirs], 0.1, weight_decay=0.1, betas=(0.9, 0.99), fused=True)
        assert torch.equal(mine, steps(theirs, peer))


@pytest.mark.parametrize("shape", [(9, 12), (12, 9), (9, 4, 3, 3)])
def test_large_matrices_go_by_adamw(shape):
    ours, theirs = (nn.Parameter(random(*shape)) for _ in range(2))
    groups = [{"params": [ours], "weight_decay": 0.1}]
    mine = steps(ours, Muon(groups, 0.1, momentum=0.9, beta2=0.99, most_rows=8))
    peer = torch.optim.AdamW([theirs], 0.1, weight_decay=0.1, betas=(0.9, 0.99), fused=True)
    assert torch.equal(mine, steps(theirs, peer))


@pytest.mark.parametrize("most_rows", [0, 9, 10])
def test_matrices_up_to_the_limit_are_orthogonalised(most_rows):
    parameter = nn.Parameter(torch.zeros(9, 12))
    groups = [{"params": [parameter], "weight_decay": 0.0}]
    step = steps(parameter, Muon(groups, 1.0, momentum=0.9, beta2=0.99, most_rows=most_rows), 1)
    values = torch.linalg.svdvals(step)
    assert values.max() < 2 * values.min()


def test_parameters_without_a_gradient_stay_as_they_are():
    module = nn.Linear(3, 2)
    before = copy.deepcopy(module.state_dict())
    groups = [{"params": list(module.parameters()), "weight_decay": 0.1}]
    Muon(groups, 0.1, momentum=0.9, beta2=0.99).step()
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
