"""Registers `unet_segment`, U-Net segmentation; the rest is imported on use."""

from __future__ import annotations

from collections.abc import Iterable

from nntasks.hookspecs import Entry, hookimpl

_HERE = "nntasks.plugins.unet_segment"
_TASK = ("unet_segment",)


@hookimpl
def register_tasks() -> Iterable[Entry]:
    return [
        Entry(
            "unet_segment",
            f"{_HERE}.task:UnetSegment",
            "U-Net segmentation: BCE and Dice losses, IoU and Dice, ablation of residual blocks",
            scorer="nntasks.plugins.unet_segment.mask_scoring:MaskScorer",
        )
    ]


@hookimpl
def register_models() -> Iterable[Entry]:
    return [
        Entry(
            "unet",
            f"{_HERE}.model:build",
            "U-Net, with its own encoder or one from torchvision",
            _TASK,
        )
    ]


@hookimpl
def register_metrics() -> Iterable[Entry]:
    return [
        Entry(
            "segmentation",
            f"{_HERE}.evaluation.metric:build",
            "IoU, Dice, precision, recall, accuracy, boundary IoU from one table of counts",
            _TASK,
        )
    ]


@hookimpl
def register_datasets() -> Iterable[Entry]:
    return [
        Entry(
            "blobs",
            f"{_HERE}.data.blobs:Blobs",
            "generated scenes: cells on painted backgrounds",
            _TASK,
        ),
        Entry("pets", f"{_HERE}.data.pets:Pets", "cats and dogs of Oxford-IIIT Pet", _TASK),
        Entry(
            "mask_folders",
            f"{_HERE}.data.mask_folders:MaskFolders",
            "your own pictures and masks in two folders",
            _TASK,
        ),
    ]
