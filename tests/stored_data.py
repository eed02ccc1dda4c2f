"""Data sets and their files for tests of the data store."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

from nntasks.interfaces import DataFile, Dataset

BODY = b"two numbers that agree\n"


def declared(path: str, body: bytes, url: str = "", archive: bool = False) -> DataFile:
    return DataFile(path, len(body), hashlib.sha256(body).hexdigest(), url, archive)


def dataset(*files: DataFile, folder: str = "digits", source: str = "") -> type[Dataset]:
    namespace = {
        "folder": folder,
        "files": files,
        "source": source,
        "load": lambda self, root: None,
    }
    return type("Made", (Dataset,), namespace)


def put(folder: Path, **bodies: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in bodies.items():
        (folder / name).write_bytes(body)
    return folder


def zipped(**bodies: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, body in bodies.items():
            file.writestr(name, body)
    return buffer.getvalue()
