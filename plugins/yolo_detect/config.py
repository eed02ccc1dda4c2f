"""The configuration of `yolo_detect`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from nntasks.training.config import TrainingConfig


class YoloConfig(TrainingConfig):
    """The keys of `yolo_detect`; the defaults train a small network on generated scenes.

    The training defaults are explained in docs/decisions/0010-default-run-and-threads.md.
    """

    defaults = {
        "data": "scenes",
        "model": "yolov5n",
        "metrics": ("detection",),
        "epochs": 6,
        "batch_size": 16,
        "replicas": 2,
        "optimizer": "muon",
        "muon_rows": 64,
        "lr": 0.02,
        "lr_final": 0.0,
        "beta2": 0.99,
        "warmup_epochs": 0.5,
        "ema": 0.95,
        "validate_every": 3,
    }

    image_size: int | None = Field(
        None,
        ge=32,
        le=4096,
        multiple_of=32,
        description="side of the network's input, in pixels; none for the size of the data's "
        "images if they have one size, else 640",
    )
    # inference
    confidence: float = Field(
        0.25, ge=0, le=1, description="lowest score of boxes that are shown and counted"
    )
    nms: Literal["greedy", "soft"] = Field(
        "greedy",
        description="what to do with boxes that overlap a better one: greedy drops them above the "
        "IoU threshold; soft (soft-NMS) lowers their scores",
    )
    iou: float = Field(0.45, ge=0, le=1, description="IoU threshold of nms=greedy")
    soft_sigma: float = Field(
        0.5,
        gt=0,
        le=100,
        description="width of the decay of nms=soft; a larger value lowers scores less",
    )
    max_detections: int = Field(
        300, ge=1, le=30_000, description="largest number of boxes per image"
    )
    backend: Literal[
        "auto", "eager", "channels_last", "onednn", "compile", "onnxruntime", "openvino"
    ] = Field("auto", description="inference backend of predict; all give the same boxes")
    backend_precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        description="arithmetic of predict; bfloat16 is faster and moves scores and boxes: for "
        "backend=auto, channels_last, onednn and openvino, on a CPU or GPU that computes in it",
    )
    # evaluation
    eval_confidence: float = Field(0.001, ge=0, le=1, description="lowest score of boxes for mAP")
    eval_iou: float = Field(0.6, ge=0, le=1, description="IoU threshold of nms=greedy for mAP")
    coco_detections: int = Field(
        100,
        ge=1,
        le=30_000,
        description="boxes per image and class that count in COCO's metrics (map50, map50_95, "
        "ar100, ...); Ultralytics counts 300 per image, VOC all",
    )
    # augmentation
    mosaic: float = Field(0.0, ge=0, le=1, description="probability of a mosaic of four images")
    flip: float = Field(0.0, ge=0, le=1, description="probability of a horizontal flip")
    flip_vertical: float = Field(0.0, ge=0, le=1, description="probability of a vertical flip")
    scale: float = Field(
        0.1, ge=0, lt=1, description="largest relative change of scale: factors are 1 - x to 1 + x"
    )
    translate: float = Field(
        0.1, ge=0, lt=1, description="largest shift, as a share of the image side"
    )
    hue: float = Field(0.0, ge=0, le=0.5, description="largest relative change of hue")
    saturation: float = Field(0.0, ge=0, le=1, description="largest relative change of saturation")
    value: float = Field(0.0, ge=0, le=1, description="largest relative change of brightness")
    # loss
    box_gain: float = Field(0.3, ge=0, description="weight of the CIoU loss")
    objectness_gain: float = Field(6.0, ge=0, description="weight of the objectness loss")
    class_gain: float = Field(8.0, ge=0, description="weight of the class loss")
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="label smoothing of the class targets"
    )
    anchors: Literal["auto", "given"] = Field(
        "auto",
        description="auto: fit the anchors to the data if they match badly; given: keep them",
    )
    freeze_norm: bool = Field(
        False, description="freeze batch-norm statistics (for fine-tuning on small sets)"
    )

    @field_validator("metrics")
    @classmethod
    def _some_metric(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not names:
            raise ValueError("expected at least one metric")
        return names
