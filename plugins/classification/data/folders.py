"""User pictures: a folder with one folder per class, or one such folder per part."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from nntasks.datasets.faults import Faults
from nntasks.datasets.part_names import part_folders
from nntasks.errors import UsageError, did_you_mean
from nntasks.interfaces import Dataset, Splits
from nntasks.pictures.files import SUFFIXES, read_image
from nntasks.plugins.classification.data.options import (
    AllPartOptions,
    cut_into_parts,
    parts_as_given,
    with_validation,
)
from nntasks.plugins.classification.splits import LabelledPictures
from nntasks.storage.listing import files_below, folders_in

_LOG = logging.getLogger("nntasks.data")


class FolderOptions(AllPartOptions):
    """Options of `data=class_folders`."""

    path: Path | None = Field(
        None,
        description="folder with one subfolder per class, or with train/, val/ and test/ that each "
        "have one",
    )
    size: int = Field(
        0,
        ge=0,
        le=4096,
        description="side that pictures are scaled to, in pixels; 0 if all have one size",
    )
    mode: Literal["rgb", "grey"] = Field("rgb", description="colours: rgb or grey")


class ClassFolders(Dataset):
    """Every folder below the path, or below those of its parts, is a class, in alphabetical order.

    Folders of parts have their usual names in any case (`nntasks.datasets.part_names`). Without
    a validation part, some of the training pictures are used for it; without a test part, the
    validation pictures are. Training pictures alone are split into all three parts.
    """

    Config = FolderOptions

    def load(self, root: Path | None) -> Splits:
        """Read all pictures.

        Raises:
            UsageError: the folder does not exist, has fewer than two classes, mixes parts and
                classes, or has a class without pictures, pictures of several sizes or unreadable
                files.
        """
        path = self.options.path
        if path is None:
            raise UsageError("data.path: expected a folder with one subfolder per class, got none")
        if not path.is_dir():
            raise UsageError(f"data.path: expected a folder, found none at {path}")
        folders = _parts_of(path)
        classes = class_names(folders.get("train", path))
        faults = Faults()
        parts = {
            name: self._part(folder, classes, name, faults)
            for name, folder in (folders or {"train": path}).items()
        }
        faults.refuse()
        self._check_sizes(path, parts)
        if len(parts) == 1:
            return cut_into_parts(parts["train"], self.options, classes)
        if "validation" not in parts:
            return with_validation(parts["train"], parts["test"], self.options, classes)
        test = parts.get("test", parts["validation"])
        return parts_as_given(parts["train"], parts["validation"], test, self.options, classes)

    def _part(
        self, path: Path, classes: Sequence[str], part: str, faults: Faults
    ) -> LabelledPictures:
        for name in sorted(set(class_names(path, least=0)) - set(classes)):
            known = did_you_mean(name, classes) or f" Known: {', '.join(classes[:10])}."
            faults.add(f"{path / name}: the training part has no such class.{known}")
        pictures: list[np.ndarray] = []
        labels: list[int] = []
        ids: list[str] = []
        extent = (self.options.size, self.options.size) if self.options.size else None
        for label, name in enumerate(classes):
            for file in _files(path / name, part, faults):
                try:
                    pictures.append(read_image(file, self.options.mode, extent))
                except UsageError as error:
                    faults.add(str(error))
                    continue
                labels.append(label)
                ids.append(file.relative_to(path).as_posix())
        others = [index for index, each in enumerate(pictures) if each.shape != pictures[0].shape]
        if others:
            first = others[0]
            more = f" ({len(others)} pictures have other sides than that)" if others[1:] else ""
            faults.add(
                f"{path / ids[first]} has {_size(pictures[first])} pixels, but {ids[0]} has "
                f"{_size(pictures[0])}{more}; scale all with data.size=64"
            )
            return LabelledPictures(np.zeros((0, 1, 1, 1), np.uint8), np.zeros(0, np.int64))
        stacked = np.stack(pictures) if pictures else np.zeros((0, 1, 1, 1), np.uint8)
        return LabelledPictures(stacked, np.array(labels, np.int64), ids)

    def _check_sizes(self, path: Path, parts: Mapping[str, LabelledPictures]) -> None:
        for name, part in parts.items():
            if not len(part):
                raise UsageError(f"{path}: the {name} part has no pictures")
            train = parts["train"].pictures[0]
            if part.pictures.shape[1:] != train.shape:
                raise UsageError(
                    f"{path}: the pictures of train are {_size(train)}, those of {name} "
                    f"{_size(part.pictures[0])}; give data.size=64"
                )


def _parts_of(path: Path) -> dict[str, Path]:
    """Return the folders of the parts; none if the folders below `path` are the classes.

    A folder with the name of a part is a part if it contains folders. If it contains only pictures
    and has siblings, it is a class, such as `train` beside `bus` and `car`.
    """
    parts = part_folders(path)
    others = [folder.name for folder in folders_in(path) if folder not in parts.values()]
    named = " and ".join(folder.name for folder in parts.values())
    whole = [part for part, folder in parts.items() if folders_in(folder)]
    if not parts or (others and not whole):
        return {}
    if others:
        raise UsageError(
            f"{path}: {named} are named like parts of the data, {', '.join(others[:3])} are not; "
            "expected parts alone, or classes alone"
        )
    empty = [folder.name for part, folder in parts.items() if part not in whole]
    if empty:
        raise UsageError(
            f"{path}: {named} are named like parts of the data; expected a folder per class in "
            f"{' and '.join(empty)}, got none"
        )
    if "train" not in parts:
        raise UsageError(f"{path}: expected a folder train beside {named}, with the same classes")
    if len(parts) == 1:
        _LOG.warning("%s holds training pictures alone; they are cut into all parts", path)
    return parts


def _size(picture: np.ndarray) -> str:
    return f"{picture.shape[1]} x {picture.shape[0]}"


def class_names(path: Path, least: int = 2) -> list[str]:
    """Return the classes below a folder.

    Raises:
        UsageError: there are fewer than `least` classes.
    """
    names = [folder.name for folder in folders_in(path)]
    if len(names) < least:
        raise UsageError(f"{path}: expected two or more folders, one per class, got {len(names)}")
    return names


def _files(folder: Path, part: str, faults: Faults) -> list[Path]:
    """Return the pictures of a class; in the training part, an empty class is an error."""
    files = files_below(folder, SUFFIXES) if folder.is_dir() else []
    if not files and part == "train":
        faults.add(f"{folder}: expected pictures ({', '.join(SUFFIXES[:4])}, ...), got none")
    elif not files:
        _LOG.warning("%s: the %s part has no pictures of class %s", folder, part, folder.name)
    return files
