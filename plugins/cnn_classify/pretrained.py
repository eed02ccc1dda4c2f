"""Training that starts from weights: of a run of ours, or of the same architecture elsewhere."""

from __future__ import annotations

from pathlib import Path

from core.errors import UsageError
from core.training.torch_model import describe_difference
from core.training.weight_files import read_weights
from plugins.cnn_classify.model import PictureClassifier
from plugins.cnn_classify.networks.library import last_linear

# Mean and deviation of the channels of ImageNet, with which torchvision's weights were trained.
_MEAN, _DEVIATION = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
_OURS = "network."  # what names begin with in weights of a run


def start_from(model: PictureClassifier, weights: Path, *, ours: bool) -> None:
    """Give a model all weights of a file, but for a last layer of other classes.

    Args:
        model: is changed.
        weights: safetensors or a .pt of plain tensors.
        ours: whether a run of ours wrote it, with mean and deviation of its pictures.

    Raises:
        UsageError: it is of another architecture; names the first difference.
    """
    found, _ = read_weights(weights)
    network, head = model.module.network, last_linear(model.module.network)[0]
    if ours:
        model.standardise(found.pop("mean").tolist(), found.pop("deviation").tolist())
        found = {name.removeprefix(_OURS): value for name, value in found.items()}
    elif model.info.input_shape[-1] == len(_MEAN):
        model.standardise(_MEAN, _DEVIATION)
    own = network.state_dict()
    for part in (f"{head}.weight", f"{head}.bias"):
        if part in found and part in own and found[part].shape != own[part].shape:
            found[part] = own[part]
    difference = describe_difference(own, found)
    if difference:
        raise UsageError(f"{weights} belongs to another architecture: {difference}")
    network.load_state_dict(found)
