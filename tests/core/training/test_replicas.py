"""Replicas: the same numbers whatever computes them, and the gradient of the whole batch."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import nn

from nntasks.training.replicas import Replicas


@pytest.fixture
def threads():
    """Let torch use two threads, whatever the machine has."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def network(*, dropout=0.0, norm=True):
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4) if norm else nn.Identity()]
    return nn.Sequential(*layers, nn.Dropout(dropout), nn.Flatten(), nn.Linear(4 * 36, 2))


def pieces(count=2):
    return list(torch.rand(count, 4, 3, 8, 8, generator=torch.Generator().manual_seed(1)))


def backward(module, piece):
    loss = module(piece).square().mean()
    loss.backward()
    return loss.item(), threading.current_thread().name


def computed(module, count=2, number=2):
    replicas = Replicas(module, count)
    with replicas.running():
        found = replicas(pieces(number), backward)
    return found, [parameter.grad for parameter in module.parameters()]


def test_threads_change_no_bit(threads):
    side_by_side, shared = twice(network())
    torch.set_num_threads(1)
    in_sequence, alone = twice(network())
    assert [loss for loss, _ in side_by_side] == [loss for loss, _ in in_sequence]
    assert all(torch.equal(a, b) for a, b in zip(shared, alone, strict=True))
    assert len({name for _, name in side_by_side}) == 2
    assert len({name for _, name in in_sequence}) == 1


@pytest.mark.parametrize("number", [2, 4])
def test_without_norms_the_gradient_is_that_of_the_whole(threads, number):
    _, found = computed(network(norm=False), number=number)
    whole = network(norm=False)
    (whole(torch.cat(pieces(number))).square().mean() * number).backward()
    for gradient, parameter in zip(found, whole.parameters(), strict=True):
        torch.testing.assert_close(gradient, parameter.grad)


def test_statistics_are_those_of_the_first_piece(threads):
    module, alone = network(), network()
    computed(module)
    alone(pieces()[0])
    assert torch.equal(module[1].running_mean, alone[1].running_mean)


class FunctionalDropout(nn.Module):
    def forward(self, inputs):
        return nn.functional.dropout(inputs, 0.5, self.training)


def twice(module):
    """Return what the second of two batches gives; the first one shows who draws what."""
    replicas = Replicas(module, 2)
    with replicas.running():
        for _ in range(2):
            torch.manual_seed(3)
            module.zero_grad()
            for number, dropout in enumerate(replicas.dropout):
                dropout.seed(number)
            found = replicas(pieces(), backward)
    return found, [parameter.grad for parameter in module.parameters()]


def test_dropout_layers_draw_from_generators_of_their_own(threads):
    """So replicas with dropout run in parallel, and give what they give in sequence."""
    side_by_side, shared = twice(network(dropout=0.5))
    torch.set_num_threads(1)
    in_sequence, alone = twice(network(dropout=0.5))
    assert [loss for loss, _ in side_by_side] == [loss for loss, _ in in_sequence]
    assert all(torch.equal(a, b) for a, b in zip(shared, alone, strict=True))
    assert len({name for _, name in side_by_side}) == 2


def test_modules_that_draw_from_the_shared_generator_run_in_sequence(threads):
    module = network()
    module[2] = FunctionalDropout()
    found, _ = twice(module)
    assert len({name for _, name in found}) == 1


def test_replicas_follow_the_mode_and_the_weights(threads):
    module = network()
    replicas = Replicas(module, 2)
    module.eval()
    with torch.no_grad():
        module[4].weight.mul_(2)
    with replicas.running():
        (first, _), (second, _) = replicas([pieces()[0]] * 2, backward)
    assert first == second
    assert not replicas.modules[1].training


def test_tied_weights_stay_tied():
    tied = nn.Linear(3, 3)
    other = Replicas(nn.Sequential(tied, nn.ReLU(), tied), 2).modules[1]
    assert other[0].weight is other[2].weight
    assert other[0].weight.data_ptr() == tied.weight.data_ptr()


def test_torch_gets_its_threads_back(threads):
    with Replicas(network(), 2).running():
        assert torch.get_num_threads() == 1
    with Replicas(network(), 1).running():  # one module leaves them to torch
        assert torch.get_num_threads() == 2
    assert torch.get_num_threads() == 2


def test_an_error_of_any_piece_arrives(threads):
    def fail(module, piece):
        raise ValueError("no")

    replicas = Replicas(network(), 2)
    with replicas.running(), pytest.raises(ValueError, match="no"):
        replicas(pieces(), fail)


def test_work_that_is_shared_out_comes_back_in_order(threads):
    """Whoever does it: results do not depend on the threads, and errors arrive."""
    replicas = Replicas(network(), 2)
    alone = replicas.share_out(lambda number: number**2, range(50))
    with replicas.running():
        assert replicas.share_out(lambda number: number**2, range(50)) == alone
        with pytest.raises(IndexError):
            replicas.share_out([0].__getitem__, [0, 1])
    assert alone == [number**2 for number in range(50)]
