"""Pictures of one's own: a folder with one folder per class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from nntasks.errors import UsageError
from nntasks.interfaces import Dataset, Splits
from nntasks.pictures.files import SUFFIXES, read_image
from nntasks.plugins.classification.data.options import (
    AllPartOptions,
    cut_into_parts,
    with_validation,
)
from nntasks.plugins.classification.splits import LabelledPictures


class FolderOptions(AllPartOptions):
    """Where the pictures are and what they become."""

    path: Path | None = Field(
        None,
        description="folder of one folder per class, or of train/ and test/ that are such folders",
    )
    size: int = Field(
        0,
        ge=0,
        le=4096,
        description="side to which pictures are scaled, in pixels; 0 if all have one size",
    )
    mode: Literal["rgb", "grey"] = Field("rgb", description="colours: rgb or grey")


class ClassFolders(Dataset):
    """Every folder below the path is a class, in alphabetical order."""

    Config = FolderOptions

    def load(self, root: Path | None) -> Splits:
        path = self.options.path
        if path is None:
            raise UsageError("data.path: expected a folder of one folder per class, got none")
        if not path.is_dir():
            raise UsageError(f"data.path: expected a folder, found none at {path}")
        if (path / "train").is_dir() and (path / "test").is_dir():
            classes = class_names(path / "train")
            train, test = (self._part(path / name, classes) for name in ("train", "test"))
            if train.pictures.shape[1:] != test.pictures.shape[1:]:
                raise UsageError(
                    f"{path}: the pictures of train are {_size(train)}, those of test "
                    f"{_size(test)}; give data.size=64"
                )
            return with_validation(train, test, self.options, classes)
        classes = class_names(path)
        return cut_into_parts(self._part(path, classes), self.options, classes)

    def _part(self, path: Path, classes: Sequence[str]) -> LabelledPictures:
        unknown = sorted(set(class_names(path)) - set(classes))
        if unknown:
            raise UsageError(f"{path / unknown[0]}: train has no such class; known: {classes}")
        pictures: list[np.ndarray] = []
        labels: list[int] = []
        ids: list[str] = []
        size = self.options.size
        extent = (size, size) if size else None
        for label, name in enumerate(classes):
            for file in _files(path / name):
                picture = read_image(file, self.options.mode, extent)
                if pictures and picture.shape != pictures[0].shape:
                    raise UsageError(
                        f"{file} has {picture.shape[1]} x {picture.shape[0]} pixels, but {ids[0]} "
                        f"has {pictures[0].shape[1]} x {pictures[0].shape[0]}; scale all with "
                        "data.size=64"
                    )
                pictures.append(picture)
                labels.append(label)
                ids.append(file.relative_to(path).as_posix())
        return LabelledPictures(np.stack(pictures), np.array(labels), ids)


def _size(part: LabelledPictures) -> str:
    return f"{part.pictures.shape[2]} x {part.pictures.shape[1]}"


def class_names(path: Path) -> list[str]:
    """Return the classes below a folder.

    Raises:
        UsageError: there are fewer than two.
    """
    names = sorted(
        entry.name for entry in path.iterdir() if entry.is_dir() and entry.name[0] != "."
    )
    if len(names) < 2:
        raise UsageError(f"{path}: expected two or more folders, one per class, got {len(names)}")
    return names


def _files(folder: Path) -> list[Path]:
    found = folder.rglob("*") if folder.is_dir() else ()
    files = sorted(file for file in found if file.suffix.lower() in SUFFIXES)
    if not files:
        raise UsageError(f"{folder}: expected pictures ({', '.join(SUFFIXES[:4])}, ...), got none")
    return files
