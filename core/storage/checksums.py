"""The checksums of a folder's files, kept beside them in the format of `sha256sum`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from nntasks.storage import atomic_write

NAME = "SHA256SUMS"


def write(folder: Path, *, without: Sequence[str] = ()) -> None:
    """Write the checksums of the files in `folder`, but for hidden ones and those in `without`."""
    left_out = (NAME, *without)
    files = sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.name not in left_out and not path.name.startswith(".")
    )
    lines = (f"{_digest(path)}  {path.name}\n" for path in files)
    atomic_write.write_text(folder / NAME, "".join(lines))


def damage(folder: Path) -> str:
    """Describe the first damaged file of `folder`; empty if all are intact."""
    return next(damages(folder), "")


def damages(folder: Path) -> Iterator[str]:
    """Describe each damaged file of `folder`."""
    known = folder / NAME
    if not known.is_file():
        yield f"{NAME} is missing"
        return
    try:
        lines = known.read_text(encoding="utf-8").splitlines()
        stated = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError):
        yield f"{NAME} is damaged"
        return
    if not stated:
        yield f"{NAME} is empty"
    for name, digest in stated.items():
        if found := _damage(folder / name, name, digest):
            yield found


def _damage(path: Path, name: str, digest: str) -> str:
    if "/" in name or not path.is_file():
        return f"{name} is missing"
    try:
        return "" if _digest(path) == digest else f"the checksum of {name} differs"
    except OSError as error:
        return f"{name} cannot be read: {error.strerror}"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
