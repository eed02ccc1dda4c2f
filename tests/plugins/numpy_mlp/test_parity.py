"""The whole network against the same one in PyTorch: outputs, gradients, 100 steps of training."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from nntasks.interfaces import DataInfo
from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.plugins.numpy_mlp.layers.base import Context
from nntasks.plugins.numpy_mlp.loss import cross_entropy
from nntasks.plugins.numpy_mlp.model import LENET, MLP
from nntasks.plugins.numpy_mlp.optimizers import build_optimizer
from nntasks.seeding import Seeds

CLOSE = {"rtol": 0, "atol": 1e-10}
NAMES = {"scale": "weight", "shift": "bias", "mean": "running_mean", "variance": "running_var"}
ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


def in_torch(network):
    """Return the same layers in PyTorch, with the same numbers."""
    layers = []
    for name, layer in network.layers:
        kind = name.partition(".")[2]
        if kind == "linear":
            made = nn.Linear(*layer.parameters["weight"].shape)
        elif kind == "convolution":
            out, channels, size, _ = layer.parameters["weight"].shape
            made = nn.Conv2d(channels, out, size, padding=layer.padding)
        elif kind == "batchnorm":
            following = network.layers[network.layers.index((name, layer)) - 1][0]
            many = nn.BatchNorm2d if "convolution" in following else nn.BatchNorm1d
            made = many(len(layer.parameters["scale"]))
        elif kind == "maxpooling":
            made = nn.MaxPool2d(2)
        else:
            made = nn.Flatten() if kind == "flatten" else ACTIVATIONS[kind]()
        made = made.double()
        for short, place in layer.state():
            value = torch.from_numpy(place[short].copy())
            theirs = made.get_parameter if short in layer.parameters else made.get_buffer
            target = theirs(NAMES.get(short, short))
            target.data.copy_(value.T if short == "weight" and kind == "linear" else value)
        layers.append(made)
    return nn.Sequential(*layers)


def torch_optimizer(module, config):
    """Return the same rule; in PyTorch decay is decoupled only in AdamW, so SGD has none here."""
    if config.optimizer == "sgd":
        return torch.optim.SGD(
            module.parameters(),
            config.lr,
            config.momentum,
            nesterov=config.nesterov and config.momentum > 0,
        )
    decaying = [p for p in module.parameters() if p.ndim > 1]
    others = [p for p in module.parameters() if p.ndim == 1]
    groups = [{"params": decaying}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(
        groups, config.lr, (config.momentum, 0.999), weight_decay=config.weight_decay
    )


CASES = {
    "sgd": {"optimizer": "sgd", "lr": 0.05, "momentum": 0.0, "weight_decay": 0.0},
    "momentum": {"optimizer": "sgd", "lr": 0.02, "nesterov": False, "weight_decay": 0.0},
    "nesterov": {"optimizer": "sgd", "lr": 0.02, "weight_decay": 0.0, "activation": "tanh"},
    # Biases before a batch norm have a gradient of zero; Adam would learn from its rounding.
    "adam": {"optimizer": "adam", "lr": 0.003, "weight_decay": 0.01, "batch_norm": False},
    "sigmoid": {"optimizer": "adam", "lr": 0.003, "activation": "sigmoid", "batch_norm": False},
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("builder", [MLP, LENET], ids=["mlp", "lenet"])
def test_a_hundred_steps(name, builder):
    config = NumpyConfig(dtype="float64", hidden_sizes=(20, 15), dropout=0, **CASES[name])
    info = DataInfo(tuple("abcde"), (12, 12, 1))
    model = builder(config, info, Seeds(0))
    theirs = in_torch(model.network).train()
    ours, optimizer = build_optimizer(model.network, config), torch_optimizer(theirs, config)
    rng = np.random.default_rng(1)
    steps = 100 if builder is MLP else 20
    for step in range(steps):
        x, y = rng.standard_normal((16, 1, 12, 12)), rng.integers(0, 5, 16)
        logits = model.network.forward(x, Context(training=True))
        loss, gradient = cross_entropy(logits, y)
        model.network.backward(gradient)
        optimizer.zero_grad()
        expected = theirs(torch.from_numpy(x))
        value = F.cross_entropy(expected, torch.from_numpy(y))
        value.backward()
        assert np.allclose(logits, expected.detach().numpy(), **CLOSE), step
        assert loss == pytest.approx(float(value.detach()), abs=1e-10)
        compare_gradients(model.network, theirs)
        ours.step(config.lr)
        optimizer.step()
    compare_weights(model.network, theirs)


def compare_gradients(network, theirs):
    for (name, layer), made in zip(network.layers, theirs, strict=True):
        for short, gradient in layer.gradients.items():
            found = made.get_parameter(NAMES.get(short, short)).grad.numpy()
            expected = found.T if short == "weight" and "linear" in name else found
            assert np.allclose(gradient, expected, **CLOSE), (name, short)


def compare_weights(network, theirs):
    for (name, layer), made in zip(network.layers, theirs, strict=True):
        for short, place in layer.state():
            theirs_too = made.get_parameter if short in layer.parameters else made.get_buffer
            found = theirs_too(NAMES.get(short, short)).detach().numpy()
            expected = found.T if short == "weight" and "linear" in name else found
            assert np.allclose(place[short], expected, **CLOSE), (name, short)
