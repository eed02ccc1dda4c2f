"""Optimisers by name, and their state as arrays and JSON."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from nntasks.training.config import TrainingConfig
from nntasks.training.muon import Muon, ShareOut

_FUSED = ("cpu", "cuda")  # devices with fused updates in torch


def parameter_groups(module: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Split parameters into those with weight decay (matrices, filters) and those without."""
    decaying: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for parameter in module.parameters():
        if parameter.requires_grad:
            (decaying if parameter.ndim > 1 else free).append(parameter)
    return [
        {"params": decaying, "weight_decay": weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]


def build_optimizer(
    config: TrainingConfig, groups: list[dict[str, Any]], share_out: ShareOut = map
) -> torch.optim.Optimizer:
    """Return the optimiser that the configuration names, over parameter groups.

    `share_out` maps a function over independent parts of a step (see `Muon`).
    """
    _leave_compiler_out()
    if config.optimizer == "muon":
        return Muon(
            groups,
            config.lr,
            momentum=config.momentum,
            beta2=config.beta2,
            most_rows=config.muon_rows,
            share_out=share_out,
        )
    # One pass over the parameters instead of several saves a tenth of a small network's step.
    fused = all(p.device.type in _FUSED for group in groups for p in group["params"])
    if config.optimizer == "sgd":
        nesterov = config.nesterov and config.momentum > 0
        return _SGD(groups, config.lr, momentum=config.momentum, nesterov=nesterov, fused=fused)
    kind = {"adam": _Adam, "adamw": _AdamW}[config.optimizer]
    return kind(groups, config.lr, betas=(config.momentum, config.beta2), fused=fused)


def _eager(kind: type[torch.optim.Optimizer]) -> Any:
    """Return an optimiser's step without its wrappers, which import torch's compiler.

    They switch gradients off, as is done here, and tell the compiler of it.
    """
    return torch.no_grad()(inspect.unwrap(kind.step))


class _SGD(torch.optim.SGD):
    step = _eager(torch.optim.SGD)


class _Adam(torch.optim.Adam):
    step = _eager(torch.optim.Adam)


class _AdamW(torch.optim.AdamW):
    step = _eager(torch.optim.AdamW)


def _leave_compiler_out() -> None:
    """Prevent torch's optimisers from importing its compiler, which takes two seconds.

    These methods import the compiler only to mark themselves as not compiled; so does each step
    (see `_eager`).
    """
    for name in ("add_param_group", "state_dict", "load_state_dict", "zero_grad"):
        method = getattr(getattr(torch.optim.Optimizer, name), "__wrapped__", None)
        if method is not None and not hasattr(method, "__dynamo_disable"):
            setattr(method, "__dynamo_disable", method)


def optimizer_arrays(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Return the optimiser's tensors by name: `<parameter index>.<quantity>`.

    Other values follow from the configuration and are not stored.
    """
    state = optimizer.state_dict()["state"]
    return {
        f"{index}.{name}": value
        for index, values in state.items()
        for name, value in values.items()
        if isinstance(value, torch.Tensor)
    }


def load_optimizer(optimizer: torch.optim.Optimizer, arrays: Mapping[str, torch.Tensor]) -> None:
    """Restore the tensors that `optimizer_arrays` returned."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in arrays.items():
        index, _, quantity = name.partition(".")
        laid_out = _like(parameters[int(index)], value)
        state.setdefault(int(index), {})[quantity] = laid_out
    optimizer.load_state_dict(
        {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
    )


def _like(parameter: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Return `value` in the memory layout of its parameter.

    Files store arrays in row-major order. Fused updates traverse a parameter and its moments in
    memory order, so moments with another layout would be applied to the wrong weights.
    """
    if value.shape != parameter.shape:
        return value
    return torch.empty_like(parameter, dtype=value.dtype, requires_grad=False).copy_(value)
