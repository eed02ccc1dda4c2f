"""IDX files: a header that gives type and shape, then the values (Y. LeCun's MNIST page).

They may be gzipped, and have several names: `train-images-idx3-ubyte.gz`,
`train-images.idx3-ubyte`, or a folder of that name. The content identifies a file.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from nntasks.errors import MissingError

_NAME = re.compile(r"(train|t10k|test)-(images|labels)[-.]idx[13]-ubyte(\.gz)?", re.IGNORECASE)
_MOST = 1 << 26  # largest decompressed size in bytes; MNIST's largest file has 47 million


def find_idx(files: Iterable[Path]) -> dict[str, Path]:
    """Return the files with the names of MNIST's parts, by "train-images" and so on."""
    found: dict[str, Path] = {}
    for file in files:
        match = _NAME.fullmatch(file.name)
        if match:
            part = match[1].lower().replace("test", "t10k")
            found.setdefault(f"{part}-{match[2].lower()}", file)
    return found


def unpacked(path: Path) -> bytes:
    """Return the content of a file, decompressed if needed.

    Raises:
        MissingError: the file is absent, damaged or too large.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(_MOST + 1)
        if data[:2] == b"\x1f\x8b":
            with gzip.open(path) as file:
                data = file.read(_MOST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise MissingError(f"cannot read {path}: {error}; fetch it again") from error
    if len(data) > _MOST:
        raise MissingError(f"{path}: expected at most {_MOST} bytes, got more; fetch it again")
    return data


def read_idx(path: Path, magic: int, dimensions: int) -> np.ndarray:
    """Read an IDX file of uint8, compressed or not; see `parse_idx`."""
    return parse_idx(unpacked(path), path, magic, dimensions)


def parse_idx(data: bytes, path: Path, magic: int, dimensions: int) -> np.ndarray:
    """Return the uint8 array in the bytes of an IDX file.

    Args:
        data: the bytes, decompressed.
        path: the file, for messages.
        magic: the expected magic number.
        dimensions: the expected number of dimensions.

    Raises:
        MissingError: the bytes are something else.
    """
    header = np.frombuffer(data, ">u4", count=min(1 + dimensions, len(data) // 4))
    shape = tuple(map(int, header[1:]))
    right = len(header) == 1 + dimensions and header[0] == magic
    if not right or len(data) != 4 * (1 + dimensions) + int(np.prod(shape)):
        raise MissingError(
            f"{path}: expected an IDX file of {dimensions}-dimensional bytes, got "
            f"{len(data)} bytes that begin {data[:4].hex()}; fetch it again"
        )
    return np.frombuffer(data, np.uint8, offset=4 * (1 + dimensions)).reshape(shape)
