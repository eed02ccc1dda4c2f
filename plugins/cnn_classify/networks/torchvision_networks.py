"""Torchvision classifiers by name, with exchanged norms, activations and dropout."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from nntasks.errors import MissingError, UsageError, did_you_mean
from nntasks.plugins.cnn_classify.networks.blocks import ACTIVATIONS
from nntasks.training.norms import normalisation

_ACTIVATIONS = (nn.ReLU, nn.ReLU6, nn.Hardswish, nn.SiLU, nn.GELU)
_WITH_SIDE_OUTPUTS = (
    "googlenet",
    "inception_v3",
)  # have auxiliary losses that only helped training in 2014


def torchvision_network(name: str, classes: int) -> nn.Module:
    """Build a torchvision classifier without weights.

    Raises:
        UsageError: the name is unknown.
        MissingError: torchvision is not installed.
    """
    try:
        from torchvision import models
    except (ImportError, RuntimeError) as error:  # RuntimeError: built for another torch
        raise MissingError(f"torchvision: {error}; pip install torchvision") from error
    known = models.list_models(module=models)
    if name not in known:
        hint = did_you_mean(name, known)
        raise UsageError(
            f"model.name: torchvision has no classifier {name!r}.{hint}"
            if hint
            else f"model.name: torchvision has no classifier {name!r}; it has {', '.join(known)}"
        )
    extra = {"aux_logits": False, "init_weights": True} if name in _WITH_SIDE_OUTPUTS else {}
    return models.get_model(name, weights=None, num_classes=classes, **extra)


def exchange_layers(
    network: nn.Module, norm: str, activation: str, dropout: float | None
) -> nn.Module:
    """Exchange layers of a network.

    Args:
        network: changed in place.
        norm: replaces every batch norm. A network without batch norm gets it between every
            convolution and the following activation. "auto" changes nothing.
        activation: replaces every activation; "auto" changes nothing.
        dropout: new probability of every dropout layer; a network without one gets it before
            the last linear layer. None changes nothing.

    Returns:
        the network.

    Raises:
        UsageError: the network has no such layer to exchange.
    """
    if norm != "auto" and not _replace_norms(network, norm) and not _insert_norms(network, norm):
        raise UsageError(f"norm={norm}: this network has no batch norm to replace")
    if activation != "auto" and not _replace(
        network, lambda layer: isinstance(layer, _ACTIVATIONS), lambda _: ACTIVATIONS[activation]()
    ):
        raise UsageError(f"activation={activation}: this network has no activation to replace")
    if dropout is not None:
        _set_dropout(network, dropout)
    return network


def _replace_norms(network: nn.Module, kind: str) -> bool:
    return _replace(
        network,
        lambda layer: isinstance(layer, nn.BatchNorm2d),
        lambda layer: normalisation(kind, layer.num_features),  # type: ignore[arg-type]
    )


def _insert_norms(network: nn.Module, kind: str) -> bool:
    """Insert norms after convolutions in sequences; return whether any was inserted."""
    found = False
    for chain in [part for part in network.modules() if isinstance(part, nn.Sequential)]:
        layers = list(chain)
        places = [
            i
            for i in range(len(layers) - 1)
            if isinstance(layers[i], nn.Conv2d) and isinstance(layers[i + 1], _ACTIVATIONS)
        ]
        found = found or bool(places)
        if kind == "none":
            continue
        for i in reversed(places):
            chain.insert(i + 1, normalisation(kind, layers[i].out_channels))  # type: ignore[arg-type]
    return found


def _replace(
    network: nn.Module, chosen: Callable[[nn.Module], bool], new: Callable[[nn.Module], nn.Module]
) -> bool:
    """Exchange every chosen layer; return whether any was exchanged."""
    places = [
        (parent, name, layer)
        for parent in network.modules()
        for name, layer in parent.named_children()
        if chosen(layer)
    ]
    for parent, name, layer in places:
        setattr(parent, name, new(layer))
    return bool(places)


def _set_dropout(network: nn.Module, share: float) -> None:
    drops = [layer for layer in network.modules() if isinstance(layer, nn.Dropout)]
    for layer in drops:
        layer.p = share
    if not drops:
        name = last_linear(network)[0]
        parent = network.get_submodule(name.rpartition(".")[0])
        short = name.rpartition(".")[2]
        setattr(parent, short, nn.Sequential(nn.Dropout(share), getattr(parent, short)))


def last_linear(network: nn.Module) -> tuple[str, nn.Linear]:
    """Return name and layer of the last linear layer, which computes the logits.

    Raises:
        UsageError: the network does not end with one.
    """
    found = [(n, part) for n, part in network.named_modules() if isinstance(part, nn.Linear)]
    if not found:
        raise UsageError("this network has no linear layer at its end")
    return found[-1]
