"""Weights from elsewhere: public YOLOv5 checkpoints (v6, v7), read without running anything.

The shapes tell which network the weights are of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.coco_names import COCO_NAMES
from nntasks.plugins.yolo_detect.network import SIZES, YoloV5
from nntasks.seeding import Seeds
from nntasks.training.weight_files import read_weights
from nntasks.training.weight_fitting import Say, fitted

_HEAD = "model.24."
_OTHER = "is not of a YOLOv5 v6 or v7 detector"


@dataclass(frozen=True)
class Architecture:
    """Which YOLOv5 it is: how many classes it tells apart, and its size, a name of `SIZES`."""

    classes: int
    size: str

    def build(self, classes: int | None = None) -> YoloV5:
        """Build the network with new parameters, for other classes if asked."""
        return YoloV5(self.classes if classes is None else classes, *SIZES[self.size])


@dataclass(frozen=True)
class LoadedWeights:
    """What a file of weights holds.

    Attributes:
        state: float32 parameters and buffers by name, complete for `architecture`.
        architecture: the network that they fit.
        class_names: by label.
    """

    state: Mapping[str, Tensor]
    architecture: Architecture
    class_names: tuple[str, ...]


def load_weights(path: Path, say: Say = lambda line: None) -> LoadedWeights:
    """Read a file of weights.

    Names of the classes come from `<stem>.json` beside the file (key "names"), else from the
    file's own "names", else they are COCO's where there are 80 classes, else numbers.

    Args:
        path: the file.
        say: takes a line where numbers are converted to float32.

    Raises:
        UsageError: the file cannot be read, holds more than numbers, or is of another network.
    """
    state, names = read_weights(path)
    state.pop(f"{_HEAD}anchor_grid", None)  # older checkpoints; follows from the anchors
    architecture = _architecture(path, state)
    own = architecture.build().state_dict()
    complete = fitted(
        own, _complete(state, own), str(path), f"{_OTHER}, size {architecture.size}", say
    )
    return LoadedWeights(complete, architecture, _class_names(path, names, architecture.classes))


def network_for(loaded: LoadedWeights) -> YoloV5:
    """Build the network that the weights fit, with them in it."""
    network = loaded.architecture.build()
    network.load_state_dict(dict(loaded.state))
    return network


def network_with_classes(loaded: LoadedWeights, classes: int, seeds: Seeds) -> YoloV5:
    """Build the network for other classes: its head is begun anew, all else is loaded."""
    with seeds.torch_global("init"):
        network = loaded.architecture.build(classes)
    kept = {
        name: value
        for name, value in loaded.state.items()
        if not name.startswith(f"{_HEAD}m.")  # anchors stay
    }
    network.load_state_dict(kept, strict=False)
    return network


def _architecture(path: Path, state: Mapping[str, Tensor]) -> Architecture:
    """Tell the size by the last layer's channels in the backbone and the repeats of its third."""
    if any(key.startswith("model.33.") for key in state):
        raise _other_network(path, "it has the four levels of the P6 networks, not three")
    if any(key.endswith(".conv.bias") for key in state):
        raise _other_network(path, "its batch norms are fused away; bring the weights before that")
    try:
        widest = state["model.9.cv2.conv.weight"].shape[0]
        outputs = state[f"{_HEAD}m.0.weight"].shape[0]
    except KeyError as error:
        raise _other_network(path, f"it has no {error.args[0]}") from error
    repeats = {key.split(".")[3] for key in state if key.startswith("model.6.m.")}
    anchors = state.get(f"{_HEAD}anchors")
    per_cell = anchors.shape[1] if anchors is not None and anchors.dim() == 3 else 3
    classes, rest = outputs // per_cell - 5, outputs % per_cell
    if rest or classes < 1:
        raise _other_network(path, f"its head has {outputs} outputs for {per_cell} anchors")
    for size, (depth, width) in SIZES.items():
        if widest == 1024 * width and len(repeats) == round(9 * depth):
            return Architecture(classes, size)
    raise _other_network(
        path, f"{len(repeats)} blocks and {widest} channels are of none of {', '.join(SIZES)}"
    )


def _complete(state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Add the anchors that are absent: a fresh network has the published ones."""
    anchors = {name: own[name] for name in own if name.endswith("anchors") and name not in state}
    return {**state, **anchors}


def _class_names(path: Path, names: Any, count: int) -> tuple[str, ...]:
    beside = path.with_suffix(".json")
    if beside.is_file():
        try:
            description = json.loads(beside.read_text(encoding="utf-8"))
        except ValueError as error:
            raise UsageError(
                f"{beside} is not readable JSON: {' '.join(str(error).split())}"
            ) from error
        names = description.get("names", names) if isinstance(description, dict) else names
    if isinstance(names, str):
        names = json.loads(names)
    if isinstance(names, Mapping):
        names = [names[key] for key in sorted(names, key=int)]
    if names:
        if len(names) != count:
            raise UsageError(f"{path}: expected {count} class names, got {len(names)}")
        return tuple(map(str, names))
    return COCO_NAMES if count == len(COCO_NAMES) else tuple(f"class {i}" for i in range(count))


def _other_network(path: Path, reason: str) -> UsageError:
    return UsageError(f"{path} {_OTHER}: {reason}")
