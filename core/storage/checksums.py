"""The checksums of a folder's files, kept beside them in the format of `sha256sum`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from nntasks.storage import atomic_write

NAME = "SHA256SUMS"


def write(folder: Path, *, without: Sequence[str] = (), below: Sequence[str] = ()) -> None:
    """Write the checksums of the files in `folder`, hidden ones left out.

    Args:
        folder: where the files are, and the checksums will be.
        without: names to leave out.
        below: folders in it whose files are covered too.
    """
    left_out = (NAME, *without)
    files = [
        path
        for place in (folder, *(folder / name for name in below))
        for path in (sorted(place.iterdir()) if place.is_dir() else ())
        if path.is_file() and path.name not in left_out and not path.name.startswith(".")
    ]
    lines = (f"{_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)
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
    if not _is_inside(name) or not path.is_file():
        return f"{name} is missing"
    try:
        return "" if _digest(path) == digest else f"the checksum of {name} differs"
    except OSError as error:
        return f"{name} cannot be read: {error.strerror}"


def _is_inside(name: str) -> bool:
    """Return whether a stated name stays in the folder."""
    parts = PurePosixPath(name).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
