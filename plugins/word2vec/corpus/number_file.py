"""NumPy files that are written in pieces and rewritten in place."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

HEAD = 128  # size of NumPy's header for one axis, in bytes
BLOCK = 1 << 18  # numbers read at a time


class NumberFile:
    """A one-dimensional .npy file whose length is unknown until it is closed.

    Args:
        path: the file to create.
        dtype: "<i4" or "<i8".
    """

    def __init__(self, path: Path, dtype: str) -> None:
        self._file = open(path, "w+b", buffering=0)  # noqa: SIM115
        self._dtype = np.dtype(dtype)
        self._file.seek(HEAD)
        self.size = 0

    def append(self, numbers: np.ndarray) -> None:
        """Append numbers."""
        self._write(numbers)
        self.size += len(numbers)

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield all numbers in order, in blocks."""
        for start in range(0, self.size, BLOCK):
            yield self._read(start)

    def rewrite(self, change: Callable[[np.ndarray], np.ndarray]) -> None:
        """Replace each block by the result of `change`.

        The total written so far must never exceed the total read.
        """
        size, written = self.size, 0
        for start in range(0, size, BLOCK):
            numbers = change(self._read(start))
            self._file.seek(HEAD + written * self._dtype.itemsize)
            self._write(numbers)
            written += len(numbers)
        self.size = written
        self._file.truncate(HEAD + written * self._dtype.itemsize)

    def close(self) -> None:
        """Write the header, so that NumPy can open the file."""
        head = io.BytesIO()
        form = {"descr": self._dtype.str, "fortran_order": False, "shape": (self.size,)}
        np.lib.format.write_array_header_1_0(head, form)
        assert len(head.getvalue()) == HEAD, "NumPy's header has an unexpected size"
        self._file.seek(0)
        self._file.write(head.getvalue())
        self._file.close()

    def _read(self, start: int) -> np.ndarray:
        numbers = np.empty(min(BLOCK, self.size - start), self._dtype)
        self._file.seek(HEAD + start * self._dtype.itemsize)
        view, done = numbers.view(np.uint8).data, 0
        while done < len(view):
            done += self._file.readinto(view[done:]) or 0
        return numbers

    def _write(self, numbers: np.ndarray) -> None:
        data = np.ascontiguousarray(numbers, self._dtype).view(np.uint8).data
        while len(data):
            data = data[self._file.write(data) :]

    def __enter__(self) -> NumberFile:
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
