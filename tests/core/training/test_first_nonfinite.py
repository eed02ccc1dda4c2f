"""The first operation that is not finite, forward and backward, is found in its layer."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nntasks.training.first_nonfinite import first_nonfinite


class Root(nn.Module):
    """Its forward pass is finite at 0, and its gradient is not."""

    def forward(self, x):
        return torch.sqrt(torch.relu(x))


class Log(nn.Module):
    def forward(self, x):
        return torch.log(x * 0)


def searched(*layers, inputs=None, loss=lambda y: y.sum()):
    torch.manual_seed(0)
    module = nn.Sequential(*layers)
    x = torch.ones(2, 3) if inputs is None else inputs
    return first_nonfinite(module, lambda: loss(module(x)).backward())


def test_finite_steps_have_no_cause():
    assert searched(nn.Linear(3, 3), nn.ReLU()) is None


def test_the_layer_of_a_forward_operation_is_found():
    cause = searched(nn.Linear(3, 3), nn.Sequential(nn.ReLU(), Log()), nn.Linear(3, 3))
    assert (cause.place, cause.tensor, cause.operation) == ("1.1 (Log)", "the output", "aten.log")
    assert "6 infinite of 6, largest input 0" in cause.detail
    assert "return torch.log(x * 0)" in cause.detail


def test_an_operation_of_the_loss_is_found():
    cause = searched(nn.Linear(3, 3), loss=lambda y: (y.sum() * 0) / 0)
    assert (cause.place, cause.operation) == ("the loss", "aten.div.Tensor")


def test_an_operation_of_the_backward_pass_is_found():
    cause = searched(nn.Linear(3, 3, bias=False), Root(), inputs=torch.zeros(2, 3))
    assert cause.tensor == "a gradient"
    assert cause.operation.startswith("SqrtBackward0")
    assert cause.place == "1 (Root)"


def test_a_norm_that_overflows_is_found():
    cause = searched(nn.Linear(3, 3), loss=lambda y: y.sum() * 1e30)
    assert cause.tensor == "the norm of the gradient"
    assert cause.place in ("0.weight", "0.bias")


def test_a_parameter_that_was_not_finite_before_is_found():
    layer = nn.Linear(3, 3)
    nn.init.constant_(layer.bias, float("nan"))
    cause = searched(layer)
    assert (cause.place, cause.tensor) == ("0.bias", "a value before the step")


def test_in_place_layers_and_several_calls_do_no_harm():
    layer = nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True))
    assert searched(layer, layer, nn.BatchNorm1d(3)) is None


def test_the_module_is_left_without_hooks():
    module = nn.Linear(3, 3)
    first_nonfinite(module, lambda: module(torch.ones(1, 3)).sum().backward())
    assert not module._forward_hooks
    assert not module._forward_pre_hooks
    assert not torch.is_anomaly_enabled()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_an_input_that_is_not_finite_is_no_fault_of_a_layer(value):
    inputs = torch.full((2, 3), value)
    cause = searched(nn.Linear(3, 3), inputs=inputs)
    assert cause is not None
