"""The checksums of a folder's files, kept beside them in the format of `sha256sum`."""

from __future__ import annotations

import hashlib
from pathlib import Path

from nntasks.storage import atomic_write

NAME = "SHA256SUMS"


def write(folder: Path) -> None:
    """Write the checksums of all files in `folder`."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != NAME)
    lines = (f"{_digest(path)}  {path.name}\n" for path in files)
    atomic_write.write_text(folder / NAME, "".join(lines))


def damage(folder: Path) -> str:
    """Describe the first damaged file of `folder`; empty if all are intact."""
    known = folder / NAME
    if not known.is_file():
        return f"{NAME} is missing"
    try:
        lines = known.read_text(encoding="utf-8").splitlines()
        stated = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError):
        return f"{NAME} is damaged"
    if not stated:
        return f"{NAME} is empty"
    for name, digest in stated.items():
        path = folder / name
        if "/" in name or not path.is_file():
            return f"{name} is missing"
        try:
            if _digest(path) != digest:
                return f"the checksum of {name} differs"
        except OSError as error:
            return f"{name} cannot be read: {error.strerror}"
    return ""


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
