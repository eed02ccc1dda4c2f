"""MNIST and Fashion-MNIST, from their four IDX files in every usual form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from nntasks.errors import MissingError
from nntasks.interfaces import DataFile, Dataset, Splits
from nntasks.interfaces.yardsticks import Reference
from nntasks.plugins.classification.data.idx import find_idx, parse_idx, unpacked
from nntasks.plugins.classification.data.options import PartOptions, with_validation
from nntasks.plugins.classification.splits import LabelledPictures, check_labels
from nntasks.storage.listing import files_below

_MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist"
_MAGIC = {"images": (2051, 3), "labels": (2049, 1)}  # and how many dimensions
_DIGITS = {  # SHA-256 of the decompressed files of MNIST
    "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


class Mnist(Dataset):
    """60,000 training and 10,000 test digits of 28 x 28 pixels.

    The four files may be compressed or not, have a hyphen or a dot in their names, and lie in
    `mnist`, or in `MNIST/raw` as torchvision stores them. Only their content matters.

    Attributes:
        digests: SHA-256 of the decompressed files; empty if unknown.
    """

    Config = PartOptions
    folder = "mnist"
    classes: ClassVar[tuple[str, ...]] = tuple("0123456789")
    digests: ClassVar[Mapping[str, str]] = _DIGITS
    torchvision: ClassVar[str] = "MNIST"  # the folder that torchvision uses
    source = "Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits, 1998"
    licence = "CC BY-SA 3.0"
    published: ClassVar[tuple[Reference, ...]] = (
        Reference(
            "accuracy", 0.9695, "a network with 300 and 100 hidden units (LeCun et al. 1998)"
        ),
        Reference("accuracy", 0.9905, "LeNet-5 without distorted digits (LeCun et al. 1998)"),
    )
    files: ClassVar[tuple[DataFile, ...]] = (
        DataFile(
            "train-images-idx3-ubyte.gz",
            9912422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            f"{_MIRROR}/train-images-idx3-ubyte.gz",
        ),
        DataFile(
            "train-labels-idx1-ubyte.gz",
            28881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            f"{_MIRROR}/train-labels-idx1-ubyte.gz",
        ),
        DataFile(
            "t10k-images-idx3-ubyte.gz",
            1648877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            f"{_MIRROR}/t10k-images-idx3-ubyte.gz",
        ),
        DataFile(
            "t10k-labels-idx1-ubyte.gz",
            4542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            f"{_MIRROR}/t10k-labels-idx1-ubyte.gz",
        ),
    )

    @classmethod
    def other_form(cls, root: Path) -> Path | None:
        """Return the folder below `root` with the four files, under any of their names."""
        for folder in (root / cls.folder, root / cls.torchvision):
            if folder.is_dir() and len(find_idx(files_below(folder))) == len(_DIGITS):
                return folder
        return None

    @classmethod
    def check_other_form(cls, folder: Path) -> None:
        """Read the four files and check their digests."""
        cls._read(folder)

    def load(self, root: Path | None) -> Splits:
        """Read and check the four files.

        Raises:
            MissingError: a file is missing, damaged, or contains something else.
            UsageError: a label is out of range.
        """
        assert root is not None
        content = self._read(root)
        parts = {}
        for part in ("train", "t10k"):
            arrays = [
                parse_idx(content[f"{part}-{what}"], root / f"{part}-{what}", *_MAGIC[what])
                for what in ("images", "labels")
            ]
            if len(arrays[0]) != len(arrays[1]):
                raise MissingError(
                    f"{root}: expected a label for each of the {len(arrays[0])} pictures of "
                    f"{part}, got {len(arrays[1])}; fetch both again"
                )
            parts[part] = LabelledPictures(arrays[0][..., None], arrays[1])
            check_labels(parts[part].labels, len(self.classes), f"{self.folder}, {part}")
        return with_validation(parts["train"], parts["t10k"], self.options, self.classes)

    @classmethod
    def _read(cls, folder: Path) -> dict[str, bytes]:
        """Return the decompressed content of the four files by part."""
        files = find_idx(files_below(folder))
        content = {}
        for part in _DIGITS:
            if part not in files:
                raise MissingError(f"{folder}: expected a file {part}-idx*-ubyte, found none")
            content[part] = unpacked(files[part])
            digest = hashlib.sha256(content[part]).hexdigest()
            if digest != cls.digests.get(part, digest) or (
                not cls.digests and digest in _DIGITS.values()
            ):
                raise MissingError(_another(cls, part, files[part], digest))
        return content


class FashionMnist(Mnist):
    """Pieces of clothing, with the sizes of MNIST."""

    folder = "fashion_mnist"
    classes = (
        "T-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    )
    source = (
        "H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST, arXiv:1708.07747, 2017: the four gzip "
        "files of github.com/zalandoresearch/fashion-mnist"
    )
    licence = "MIT"
    published = (
        Reference("accuracy", 0.897, "the best support vector machine of Xiao et al. (2017)"),
    )
    files = ()
    digests: ClassVar[Mapping[str, str]] = {}
    torchvision = "FashionMNIST"


def _another(dataset: type[Mnist], part: str, path: Path, digest: str) -> str:
    known = next((name for name, value in _DIGITS.items() if value == digest), None)
    holds = f"it holds {known} of MNIST, the digits" if known else f"its sha256 is {digest}"
    return (
        f"{path}: expected {part} of {dataset.folder}, but unpacked {holds}; bring the right file"
    )
