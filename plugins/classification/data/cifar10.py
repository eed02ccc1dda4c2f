"""CIFAR-10: complete in the author's binary format, and a subset in one NumPy file."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nntasks.errors import MissingError
from nntasks.interfaces import DataFile, Dataset, Splits
from nntasks.interfaces.yardsticks import Reference
from nntasks.plugins.classification.data.options import PartOptions, with_validation
from nntasks.plugins.classification.splits import LabelledPictures, check_labels

ARRAYS = ("x_train", "y_train", "x_test", "y_test", "class_names")
_SOURCE = "A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009"
_LICENCE = "none stated; for research and teaching, with citation"
_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
_PUBLISHED = (
    Reference(
        "accuracy",
        0.789,
        "a convolutional deep belief network on all 50,000 training pictures (Krizhevsky 2010)",
    ),
    Reference("accuracy", 0.9125, "ResNet-20 on all 50,000 training pictures (He et al. 2016)"),
)
_RECORD = 1 + 3 * 32 * 32  # a label, then red, green and blue row by row


class Cifar10(Dataset):
    """50,000 training and 10,000 test pictures, 32 x 32 pixels, in colour."""

    Config = PartOptions
    folder = "cifar10_binary"
    source = _SOURCE
    licence = _LICENCE
    published = _PUBLISHED
    files = (
        DataFile(
            "cifar-10-binary.tar.gz",
            170052171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            archive=True,
        ),
    )

    def load(self, root: Path | None) -> Splits:
        assert root is not None
        folder = root / "cifar-10-batches-bin"
        train = read_records([folder / f"data_batch_{i}.bin" for i in range(1, 6)])
        test = read_records([folder / "test_batch.bin"])
        return with_validation(train, test, self.options, _CLASSES)


def read_records(paths: Sequence[Path]) -> LabelledPictures:
    """Read files of 3,073-byte records.

    Raises:
        MissingError: a file is absent or malformed.
        UsageError: a label is out of range.
    """
    parts = []
    for path in paths:
        try:
            data = np.fromfile(path, np.uint8)
        except OSError as error:
            raise MissingError(f"cannot read {path}: {error.strerror}; fetch it again") from error
        if len(data) == 0 or len(data) % _RECORD:
            raise MissingError(
                f"{path}: expected records of {_RECORD} bytes, got {len(data)} bytes; fetch it "
                "again"
            )
        parts.append(data.reshape(-1, _RECORD))
    records = np.concatenate(parts)
    check_labels(records[:, 0].astype(np.int64), len(_CLASSES), str(paths[0].parent))
    pictures = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return LabelledPictures(np.ascontiguousarray(pictures), records[:, 0])


class Cifar10Subset(Dataset):
    """The first 4,000 training and 1,000 test pictures of CIFAR-10, 32 x 32 pixels, in colour."""

    Config = PartOptions
    folder = "cifar10"
    source = _SOURCE
    licence = _LICENCE
    published = _PUBLISHED
    files = (
        DataFile(
            "cifar10_subset.npz",
            14163860,
            "e48015fd8460684d29ab3dbc926453b35d776cd6dfb7a97b78f8e209f63c9802",
        ),
    )

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
