"""A subset of CIFAR-10 in one NumPy file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from core.errors import MissingError
from core.interfaces import DataFile, Dataset, Splits
from plugins.classification.data.options import PartOptions, with_validation
from plugins.classification.splits import LabelledPictures, check_labels

ARRAYS = ("x_train", "y_train", "x_test", "y_test", "class_names")


class Cifar10Subset(Dataset):
    """The first 4,000 training and 1,000 test pictures of CIFAR-10, 32 x 32 pixels, in colour."""

    Config = PartOptions
    folder = "cifar10"
    source = "A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009"
    licence = "none stated; for research and teaching, with citation"
    files = (
        DataFile(
            "cifar10_subset.npz", 14163860,
            "e48015fd8460684d29ab3dbc926453b35d776cd6dfb7a97b78f8e209f63c9802",
        ),
    )  # fmt: skip

    def load(self, root: Path | None) -> Splits:
        assert root is not None
        path = root / self.files[0].path
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = [stored[name] for name in ARRAYS]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise MissingError(
                f"{path}: expected arrays {', '.join(ARRAYS)}: {error}; fetch it again"
            ) from error
        x_train, y_train, x_test, y_test, names = arrays
        classes = [str(name) for name in names]
        for part, labels in (("train", y_train), ("test", y_test)):
            check_labels(labels, len(classes), f"{path}, {part}")
        train, test = LabelledPictures(x_train, y_train), LabelledPictures(x_test, y_test)
        return with_validation(train, test, self.options, classes)
