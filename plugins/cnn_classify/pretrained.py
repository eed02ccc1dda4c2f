"""Pretrained weights: from one of our runs, or from the same architecture elsewhere."""

from __future__ import annotations

from pathlib import Path

from nntasks.plugins.cnn_classify.model import Adapted, PictureClassifier
from nntasks.plugins.cnn_classify.networks.torchvision_networks import last_linear
from nntasks.training.standardised import IMAGENET
from nntasks.training.weight_files import read_weights
from nntasks.training.weight_fitting import Say, fitted


def start_from(model: PictureClassifier, weights: Path, *, ours: bool, say: Say) -> None:
    """Load the weights of a file into a model, except a last layer for other classes.

    Args:
        model: changed in place.
        weights: safetensors or a .pt of plain tensors.
        ours: whether one of our runs wrote it, with mean and deviation of its pictures.
        say: receives a line if values are converted.

    Raises:
        UsageError: it does not fit the network (see `fitted`).
    """
    found, _ = read_weights(weights)
    network, prefix = model.module.network, "network."
    if isinstance(network, Adapted):
        network, prefix = network.network, 2 * prefix
    head = last_linear(network)[0]
    if ours:
        model.module.standardise(found.pop("mean").tolist(), found.pop("deviation").tolist())
        found = {name.removeprefix(prefix): value for name, value in found.items()}
    elif model.info.input_shape[-1] == len(IMAGENET[0]):
        model.module.standardise(*IMAGENET)
    own = network.state_dict()
    for part in (f"{head}.weight", f"{head}.bias"):
        if part in found and part in own and found[part].shape != own[part].shape:
            found[part] = own[part]
    network.load_state_dict(fitted(own, found, str(weights), say=say))
