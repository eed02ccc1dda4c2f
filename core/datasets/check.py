"""Check the files of a data set against their declaration.

An unpacked archive leaves a receipt, a hidden text file: the archive's checksum, then size,
checksum and path of every unpacked file. The receipt is written last, so a data set with a receipt
was unpacked completely.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nntasks.interfaces import DataFile
from nntasks.storage.atomic_write import write_text

Progress = Callable[[str, int, int], None]  # (path, bytes done, bytes in all)
CHUNK = 1 << 20  # bytes read or written at a time
_RECEIPT_HEAD = "# unpacked from an archive with sha256 "


@dataclass(frozen=True)
class Problem:
    """A file that is not as declared.

    Attributes:
        path: relative to the data set's folder.
        kind: what is wrong with it.
        message: expectation and finding, in one line, without the path.
    """

    path: str
    kind: Literal["missing", "size", "checksum"]
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True)
class UnpackedFile:
    """A file from an archive: path relative to the data set's folder, size, digest."""

    path: str
    size: int
    sha256: str


def digest_of(path: Path, progress: Callable[[int], None] | None = None) -> hashlib._Hash:
    """Return the SHA-256 object of a file's content; `progress` gets the bytes read so far."""
    digest, done = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            done += len(chunk)
            if progress:
                progress(done)
    return digest


def problems(
    files: Iterable[DataFile], folder: Path, *, thorough: bool, progress: Progress | None = None
) -> list[Problem]:
    """Compare the files in `folder` with their declaration.

    Args:
        files: the declared files.
        folder: the data set's folder.
        thorough: also read every file and compare checksums; otherwise only existence and size.
        progress: called while checksums are computed.
    """
    found: list[Problem] = []
    for file in files:
        if file.archive:
            found.extend(_archive_problems(file, folder, thorough, progress))
        else:
            found.extend(
                _file_problems(folder, file.path, file.size, file.sha256, thorough, progress)
            )
    return found


def _file_problems(
    folder: Path, path: str, size: int, sha256: str, thorough: bool, progress: Progress | None
) -> Iterator[Problem]:
    place = folder / path
    if not place.is_file():
        yield Problem(path, "missing", "missing")
        return
    actual = place.stat().st_size
    if actual != size:
        yield Problem(path, "size", f"expected {size} bytes, found {actual}")
    elif thorough:
        tell = (lambda done: progress(path, done, size)) if progress else None
        digest = digest_of(place, tell).hexdigest()
        if digest != sha256.lower():
            yield Problem(path, "checksum", f"expected sha256 {sha256}, found {digest}")


def _archive_problems(
    file: DataFile, folder: Path, thorough: bool, progress: Progress | None
) -> Iterator[Problem]:
    receipt = receipt_of(file, folder)
    if not receipt.is_file():
        waiting = (folder / file.path).is_file()
        yield Problem(file.path, "missing", "not unpacked yet" if waiting else "missing")
        return
    with open(receipt, encoding="utf-8") as lines:
        came_from = lines.readline().removeprefix(_RECEIPT_HEAD).strip()
        if came_from != file.sha256.lower():
            what = f"expected sha256 {file.sha256}, but {came_from or 'nothing'} was unpacked"
            yield Problem(file.path, "checksum", what)
        elif thorough:
            for line in lines:
                sha256, size, path = line.rstrip("\n").split(" ", 2)
                yield from _file_problems(folder, path, int(size), sha256, True, progress)


def receipt_of(file: DataFile, folder: Path) -> Path:
    """Return the path of the receipt of an unpacked archive."""
    place = folder / file.path
    return place.with_name(f".{place.name}.unpacked")


def write_receipt(file: DataFile, folder: Path, unpacked: Iterable[UnpackedFile]) -> None:
    """Record that an archive was unpacked completely, and its files."""
    lines = [f"{_RECEIPT_HEAD}{file.sha256.lower()}"]
    lines += [f"{item.sha256} {item.size} {item.path}" for item in unpacked]
    write_text(receipt_of(file, folder), "\n".join(lines) + "\n")
