"""Registers `cnn_classify`, convolutional picture classifiers; the rest is imported on use."""

from __future__ import annotations

from collections.abc import Iterable

from nntasks.hookspecs import Entry, hookimpl

_HERE = "nntasks.plugins.cnn_classify"
_TASK = ("cnn_classify",)


@hookimpl
def register_tasks() -> Iterable[Entry]:
    return [
        Entry(
            "cnn_classify",
            f"{_HERE}.task:CnnClassify",
            "convolutional networks: AlexNet, batch norm, dropout, augmentation, tuning",
            scorer="nntasks.plugins.classification.class_scoring:ClassScorer",
        )
    ]


@hookimpl
def register_models() -> Iterable[Entry]:
    here = f"{_HERE}.architectures"
    return [
        Entry("alexnet", f"{here}:ALEXNET", "AlexNet, for pictures of 63 pixels or more", _TASK),
        Entry("alexnet_small", f"{here}:ALEXNET_SMALL", "AlexNet for small pictures", _TASK),
        Entry("lenet5", f"{here}:LENET", "LeNet-5: two convolutions, three linear layers", _TASK),
        Entry("vgg11", f"{here}:VGG11", "VGG-11: eight convolutions of 3 x 3", _TASK),
        Entry("resnet18", f"{here}:RESNET18", "ResNet of 18 layers", _TASK),
        Entry("resnet34", f"{here}:RESNET34", "ResNet of 34 layers", _TASK),
        Entry(
            "torchvision",
            f"{here}:TORCHVISION",
            "any torchvision classifier: model.name=mobilenet_v3_small",
            _TASK,
        ),
    ]
