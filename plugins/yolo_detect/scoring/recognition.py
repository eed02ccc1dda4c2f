"""Tell formats of boxes by their content."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError
from nntasks.storage.compression import open_content
from nntasks.storage.listing import files_below

_NOT_LABELS = ("classes.txt", "readme.txt", "train.txt", "val.txt", "test.txt", "labels.txt")


class Kind(enum.Enum):
    """A format of boxes."""

    COCO = "COCO instances"
    RESULTS = "COCO results"
    YOLO = "YOLO text"
    VOC = "VOC XML"
    CSV = "CSV"


def recognise(path: Path) -> Kind:
    """Return the format of a file or folder.

    Raises:
        UsageError: it is none of them.
    """
    if path.is_dir():
        return _of_folder(path)
    with open_content(path) as file:
        head = file.read(4096)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return Kind.COCO
    if start.startswith(b"["):
        return Kind.RESULTS
    if start.startswith(b"<"):
        return Kind.VOC
    line = start.split(b"\n", 1)[0].lower()
    if b"image" in line or b"file" in line or b"source" in line:
        return Kind.CSV
    raise UsageError(
        f"{path}: expected COCO JSON, VOC XML or a CSV with a heading, or a folder of YOLO labels, "
        f"got a file that begins with {start[:30].decode('utf-8', 'replace')!r}"
    )


def is_run(path: Any) -> bool:
    """Return whether `path` is the folder of a run, finished or not."""
    if not isinstance(path, Path) or not (path / "config.yaml").is_file():
        return False
    return (path / "summary.json").is_file() or (path / "checkpoints").is_dir()


def _of_folder(path: Path) -> Kind:
    if files_below(path, (".xml",)):
        return Kind.VOC
    if files_of(path, Kind.YOLO):
        return Kind.YOLO
    raise UsageError(
        f"{path}: expected YOLO label files (.txt) or VOC files (.xml), found neither; other "
        "formats are single files"
    )


def files_of(path: Path, kind: Kind) -> list[Path]:
    """Return the files of a format in a folder, or the one file."""
    if path.is_file():
        return [path]
    if kind is Kind.VOC:
        return files_below(path, (".xml",))
    return [file for file in files_below(path, (".txt",)) if file.name.lower() not in _NOT_LABELS]
