"""Functions that build archives for tests."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

Build = Callable[[Path], None]


def tar_of(*members: tuple[str, bytes | tarfile.TarInfo], mode: str = "w") -> Build:
    def build(path: Path) -> None:
        with tarfile.open(path, mode) as file:
            for name, content in members:
                if isinstance(content, bytes):
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    file.addfile(info, io.BytesIO(content))
                else:
                    content.name = name
                    file.addfile(content)

    return build


def special(kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo()
    info.type, info.linkname = kind, target
    return info


def zip_of(*members: tuple[str | zipfile.ZipInfo, bytes]) -> Build:
    def build(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in members:
                file.writestr(name, content)

    return build


def with_mode(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def names_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
