"""The YOLOv5 network as a Model: its loss, its predictions, its anchors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from nntasks.interfaces import Batch, DataInfo, RunHandle, Split
from nntasks.plugins.yolo_detect.config import YoloConfig
from nntasks.plugins.yolo_detect.inference.nms_rule import rule_for_map
from nntasks.plugins.yolo_detect.inference.output import Logits
from nntasks.plugins.yolo_detect.inference.postprocessing import detect
from nntasks.plugins.yolo_detect.network import SIZES, STRIDES, YoloV5
from nntasks.plugins.yolo_detect.samples import Detections
from nntasks.plugins.yolo_detect.training.anchors import (
    best_possible_recall,
    fit_anchors,
    split_by_level,
)
from nntasks.plugins.yolo_detect.training.loss import DetectionLoss, LossGains
from nntasks.plugins.yolo_detect.training.splits import DetectionSplit, rows_of_objects
from nntasks.seeding import Seeds
from nntasks.training.torch_model import TorchModel

DEFAULT_SIZE = 640
# Anchors are fitted to the data if fewer than this share of objects can be assigned.
ENOUGH_RECALL = 0.98
MOST_SHAPES = 5000  # images read to fit anchors


class YoloModel(TorchModel):
    """A detector.

    Attributes:
        name: of its size, such as "yolov5n".
        module: the network.
        classes: class names by label.
        image_size: side of the network's input in pixels.
    """

    module: YoloV5
    config: YoloConfig

    def __init__(
        self,
        size: str,
        network: YoloV5,
        config: YoloConfig,
        info: DataInfo,
        seeds: Seeds,
        *,
        trained: bool,
    ) -> None:
        super().__init__(network.to(memory_format=torch.channels_last), config, seeds)
        self.name = size
        self.classes = info.classes
        self.image_size = image_size(config, info)
        self._trained = trained
        self._loss = DetectionLoss(
            len(info.classes),
            self.image_size,
            gains=LossGains(config.box_gain, config.objectness_gain, config.class_gain),
            label_smoothing=config.label_smoothing,
        )

    def loss(self, module: nn.Module, batch: Batch) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return CIoU, objectness and class loss of an augmented batch."""
        return self._loss_of(module(self._pixels(batch)), batch.targets)

    def _loss_of(
        self, raw: Sequence[Tensor], targets: Tensor
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        levels, anchors = [level.float() for level in raw], self.module.head.anchors
        return self._loss(levels, targets.to(self.device), anchors)

    def _pixels(self, batch: Batch) -> Tensor:
        """Return images as floats in 0..1 on the model's device."""
        return batch.inputs.images.to(self.device).float() / 255

    @torch.inference_mode()
    def predict(self, batch: Batch) -> Sequence[Detections]:
        """Return all boxes for mAP: every class above `eval_confidence`."""
        raw = self.module.eval()(self._pixels(batch))
        places = batch.inputs.letterboxes
        self.note_loss(batch, lambda: self._loss_of(raw, rows_of_objects(batch.targets, places))[0])
        return detect(
            Logits(raw),
            self.module.head.anchors,
            confidence=self.config.eval_confidence,
            iou=rule_for_map(self.config),
            max_detections=self.config.max_detections,
            multi_label=True,
            letterboxes=places,
        )

    def prepare_training(self, train: Split, run: RunHandle) -> None:
        """Fit the anchors to the data, and the head's bias to the object frequency."""
        assert isinstance(train, DetectionSplit)
        shapes = train.shapes(MOST_SHAPES)
        if self.config.anchors == "auto":
            self._fit_anchors(shapes, run)
        if not self._trained:
            per_image = len(shapes) / min(len(train), MOST_SHAPES)
            self.module.reset_head(max(per_image, 0.1), self.image_size)

    def _fit_anchors(self, shapes: np.ndarray, run: RunHandle) -> None:
        anchors = self.module.head.anchors
        strides = torch.tensor(STRIDES, dtype=anchors.dtype).view(-1, 1, 1)
        given = (anchors.cpu() * strides).numpy().astype(float)
        recall = best_possible_recall(shapes, given)
        if len(shapes) == 0 or recall >= ENOUGH_RECALL:
            return
        rng = self.seeds.numpy("anchors")
        fitted = split_by_level(
            fit_anchors(shapes, anchors.shape[0] * anchors.shape[1], rng), len(STRIDES)
        )
        anchors.copy_(torch.from_numpy(fitted).to(anchors.dtype) / strides)
        run.say(
            f"anchors fitted to the data: {best_possible_recall(shapes, fitted):.1%} of the "
            f"objects can be assigned, {recall:.1%} before"
        )

    def train_mode(self) -> None:
        """Set training mode; `freeze_norm` keeps batch-norm statistics fixed."""
        self.module.train()
        if self.config.freeze_norm:
            for layer in self.module.modules():
                if isinstance(layer, nn.BatchNorm2d):
                    layer.eval()


def image_size(config: YoloConfig, info: DataInfo | None) -> int:
    """Return the side of the network's input: as configured, else of the data, else 640."""
    if config.image_size is not None:
        return config.image_size
    return info.input_shape[-1] if info and info.input_shape else DEFAULT_SIZE


@dataclass(frozen=True)
class YoloSize:
    """A size of YOLOv5; called as a model entry.

    Attributes:
        name: in `network.SIZES`.
    """

    name: str

    def __call__(self, config: YoloConfig, info: DataInfo, seeds: Seeds) -> YoloModel:
        with seeds.torch_global("init"):
            network = YoloV5(len(info.classes), *SIZES[self.name])
        return YoloModel(self.name, network, config, info, seeds, trained=False)


PICO = YoloSize("yolov5p")
NANO = YoloSize("yolov5n")
SMALL = YoloSize("yolov5s")
MEDIUM = YoloSize("yolov5m")
LARGE = YoloSize("yolov5l")
EXTRA = YoloSize("yolov5x")
