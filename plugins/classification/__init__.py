"""Data sets of labelled pictures and the classification metric, shared by all classifiers.

There is no task here; the tasks that use these bring their models.
"""

from __future__ import annotations

from collections.abc import Iterable

from nntasks.hookspecs import Entry, hookimpl

_HERE = "nntasks.plugins.classification"
TASKS = ("numpy_mlp", "cnn_classify")


@hookimpl
def register_metrics() -> Iterable[Entry]:
    return [
        Entry(
            "classification",
            f"{_HERE}.metric:build",
            "accuracy, top-k, F1, calibration error, likelihood from one table of predictions",
            TASKS,
        )
    ]


@hookimpl
def register_datasets() -> Iterable[Entry]:
    return [
        Entry("digits", f"{_HERE}.data.digits:Digits", "1,797 real digits, 8 x 8 pixels", TASKS),
        Entry("mnist", f"{_HERE}.data.mnist:Mnist", "70,000 digits, 28 x 28 pixels", TASKS),
        Entry(
            "fashion_mnist",
            f"{_HERE}.data.mnist:FashionMnist",
            "70,000 pieces of clothing, 28 x 28 pixels",
            TASKS,
        ),
        Entry(
            "cifar10",
            f"{_HERE}.data.cifar10:Cifar10",
            "60,000 colour pictures of ten classes, 32 x 32 pixels",
            TASKS,
        ),
        Entry(
            "cifar10_subset",
            f"{_HERE}.data.cifar10:Cifar10Subset",
            "5,000 colour pictures of CIFAR-10, 32 x 32 pixels",
            TASKS,
        ),
        Entry(
            "class_folders",
            f"{_HERE}.data.folders:ClassFolders",
            "a folder with one subfolder of pictures per class",
            TASKS,
        ),
        Entry(
            "torchvision",
            f"{_HERE}.data.torchvision_sets:TorchvisionPictures",
            "data sets of torchvision from your files: data.name=flowers102 data.root=FOLDER",
            TASKS,
        ),
    ]
