"""MNIST and Fashion-MNIST, from their four gzip files in IDX format."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import ClassVar

import numpy as np

from nntasks.errors import MissingError
from nntasks.interfaces import DataFile, Dataset, Splits
from nntasks.plugins.classification.data.options import PartOptions, with_validation
from nntasks.plugins.classification.splits import LabelledPictures, check_labels

_MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist"
_IMAGES, _LABELS = 2051, 2049  # magic numbers
NAMES = tuple(
    f"{part}-{what}-ubyte.gz"
    for part in ("train", "t10k")
    for what in ("images-idx3", "labels-idx1")
)


class Mnist(Dataset):
    """60,000 training and 10,000 test digits of 28 x 28 pixels."""

    Config = PartOptions
    folder = "mnist"
    classes: ClassVar[tuple[str, ...]] = tuple("0123456789")
    source = "Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits, 1998"
    licence = "CC BY-SA 3.0"
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

    def load(self, root: Path | None) -> Splits:
        assert root is not None
        train, test = (_part(root, *NAMES[first : first + 2]) for first in (0, 2))
        for name, part in (("train", train), ("test", test)):
            check_labels(part.labels, len(self.classes), f"{self.folder}, {name}")
        return with_validation(train, test, self.options, self.classes)


class FashionMnist(Mnist):
    """The same sizes, pieces of clothing."""

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
    files = ()


def _part(root: Path, images: str, labels: str) -> LabelledPictures:
    pictures = read_idx(root / images, _IMAGES, 3)
    return LabelledPictures(pictures[..., None], read_idx(root / labels, _LABELS, 1))


def read_idx(path: Path, magic: int, dimensions: int) -> np.ndarray:
    """Read a gzipped IDX file of uint8.

    Raises:
        MissingError: it is absent, or not such a file.
    """
    try:
        data = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise MissingError(f"cannot read {path}: {error}; fetch it again") from error
    header = np.frombuffer(data, ">u4", count=min(1 + dimensions, len(data) // 4))
    shape = tuple(map(int, header[1:]))
    right = len(header) == 1 + dimensions and header[0] == magic
    if not right or len(data) != 4 * (1 + dimensions) + int(np.prod(shape)):
        raise MissingError(
            f"{path}: expected an IDX file of {dimensions}-dimensional bytes, got "
            f"{len(data)} bytes that begin {data[:4].hex()}; fetch it again"
        )
    return np.frombuffer(data, np.uint8, offset=4 * (1 + dimensions)).reshape(shape)
