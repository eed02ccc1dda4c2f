"""Explain a probability: the terms of the last layer, and the evidence in the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from nntasks.errors import UsageError
from nntasks.plugins.classification.explanation import Explanation, explain_sum
from nntasks.plugins.classification.task import read_like
from nntasks.plugins.cnn_classify.gradcam import LEAST_SIDE, grad_cam
from nntasks.plugins.cnn_classify.model import PictureClassifier
from nntasks.plugins.cnn_classify.networks.torchvision_networks import last_linear

_NO_MAP = (
    f"the network has no feature map of {LEAST_SIDE} x {LEAST_SIDE} or more behind its last tokens"
)


def explain_picture(model: PictureClassifier, path: Path, label: str) -> Explanation:
    """Explain the logit of a class; of the most probable one if `label` is empty.

    Raises:
        UsageError: the picture cannot be read, the class is unknown, or the last layer of the
            network is not linear.
    """
    picture, classes = read_like(path, model.info), model.info.classes
    _, last = last_linear(model.module)
    read: list[Tensor] = []

    def keep(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        read.append(inputs[0])

    handle = last.register_forward_pre_hook(keep)
    try:
        with torch.inference_mode():
            logits = model.module.eval()(model.pixels(picture[None]))
    finally:
        handle.remove()
    if read[-1].ndim != 2 or last.out_features != len(classes):
        raise UsageError("expected a network whose last layer is linear and gives the logits")
    labels = logits.argmax(dim=1).cpu().numpy()
    if label in classes:
        labels = np.array([classes.index(label)])
    attention = grad_cam(model, picture[None], labels)
    weight, bias = last.weight.detach().cpu().numpy(), last.bias.detach().cpu().numpy()
    seen = None
    if attention is not None:
        peak = max(float(attention.maps.max()), 1e-12)
        seen = (attention.layer.removeprefix("network."), attention.maps[0] / peak)
    found = explain_sum(str(path), classes, label, read[-1][0].cpu().numpy(), weight, bias, seen)
    return found if seen else replace(found, no_map=_NO_MAP)
