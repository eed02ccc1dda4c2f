"""Initialisation of convolutions and linear layers."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

NORMAL = 0.01  # standard deviation of init=normal, as in AlexNet

_DRAWS: dict[str, Callable[[Tensor], Tensor]] = {
    "zeros": nn.init.zeros_,
    "normal": lambda weight: nn.init.normal_(weight, std=NORMAL),
    "xavier": nn.init.xavier_normal_,
    "he": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    "orthogonal": nn.init.orthogonal_,
}


def initialise(network: nn.Module, kind: str) -> None:
    """Draw all weights from torch's global generator; biases become 0.

    Args:
        network: changed in place.
        kind: "zeros"; "normal" with deviation 0.01; "xavier" with variance 2 / (inputs + outputs)
            (Glorot and Bengio 2010); "he" with variance 2 / inputs (He et al. 2015); "orthogonal"
            (Saxe et al. 2014).
    """
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            _DRAWS[kind](layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
