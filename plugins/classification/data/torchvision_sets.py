"""Data sets of torchvision, from files that the user brings; nothing is downloaded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image
from pydantic import Field

from nntasks.errors import MissingError, UsageError
from nntasks.interfaces import Dataset, Splits
from nntasks.plugins.classification.data.options import (
    AllPartOptions,
    cut_into_parts,
    parts_as_given,
    with_validation,
)
from nntasks.plugins.classification.data.torchvision_layouts import LAYOUTS, Layout, Name
from nntasks.plugins.classification.splits import LabelledPictures, check_labels


class TorchvisionOptions(AllPartOptions):
    """Options of `data=torchvision`."""

    name: Name = Field("flowers102", description="name of the data set")
    root: Path | None = Field(
        None, description="folder of the unpacked files, as torchvision lays them out"
    )
    size: int = Field(64, ge=8, le=1024, description="side that pictures are scaled to, in pixels")
    mode: Literal["rgb", "grey"] = Field("rgb", description="colours: rgb or grey")


class TorchvisionPictures(Dataset):
    """Pictures and labels as the class of `torchvision.datasets` gives them.

    Parts are those that were published. Without a validation part, some of the training pictures
    are used for it; without parts, the pictures are split into all three.
    """

    Config = TorchvisionOptions

    options: TorchvisionOptions

    def load(self, root: Path | None) -> Splits:
        """Read all pictures.

        Raises:
            UsageError: `data.root` is missing or no folder.
            MissingError: a file is not there or damaged, or torchvision is not installed.
        """
        options, layout = self.options, LAYOUTS[self.options.name]
        folder = self._root(layout)
        sets = {
            part: _opened(options.name, layout.kind, folder, arguments)
            for part, arguments in layout.parts.items()
        }
        parts = {part: self._part(part, opened) for part, opened in sets.items()}
        classes = _classes(sets["train"], [part.labels for part in parts.values()])
        for part, pictures in parts.items():
            check_labels(pictures.labels, len(classes), f"data.name={options.name}, {part}")
        if len(parts) == 1:
            return cut_into_parts(parts["train"], options, classes)
        if "validation" not in parts:
            return with_validation(parts["train"], parts["test"], options, classes)
        return parts_as_given(parts["train"], parts["validation"], parts["test"], options, classes)

    def _root(self, layout: Layout) -> Path:
        name, root = self.options.name, self.options.root
        expected = " and ".join(layout.files)
        if root is None or not root.is_dir():
            got = "none" if root is None else f"{root}, which is not a folder"
            raise UsageError(
                f"data.root: expected the folder that holds {expected} of {name}, got {got}"
            )
        for path, published in layout.files.items():
            if not (root / path).exists():
                raise MissingError(
                    f"data.name={name}: {root / path} is missing; get {published} from "
                    f"{layout.source} and put or unpack it so that this path exists"
                )
        return root

    def _part(self, part: str, opened: Any) -> LabelledPictures:
        if not len(opened):
            raise MissingError(f"data.name={self.options.name}: the {part} part has no pictures")

        def read(index: int) -> tuple[np.ndarray, int]:
            try:
                picture, label = opened[index]
            except OSError as error:
                raise MissingError(
                    f"data.name={self.options.name}: picture {index} of the {part} part cannot be "
                    f"read: {error}"
                ) from error
            return self._pixels(picture), int(label)

        with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as threads:
            pictures, labels = zip(*threads.map(read, range(len(opened))), strict=True)
        names = [f"{part}-{index:05d}" for index in range(len(labels))]
        return LabelledPictures(np.stack(pictures), np.array(labels), names)

    def _pixels(self, picture: Image.Image) -> np.ndarray:
        """Return (S, S, 3) or (S, S, 1) uint8."""
        side = self.options.size
        colours = picture.convert("RGB" if self.options.mode == "rgb" else "L")
        scaled = np.asarray(colours.resize((side, side), Image.Resampling.BILINEAR))
        return scaled if scaled.ndim == 3 else scaled[..., None]


def _opened(name: str, kind: str, root: Path, arguments: Any) -> Any:
    """Return torchvision's object for one part."""
    try:
        from torchvision import datasets
    except (ImportError, RuntimeError) as error:  # RuntimeError: built for another torch
        raise MissingError(f"torchvision: {error}; pip install torchvision") from error
    try:
        return getattr(datasets, kind)(root, download=False, **arguments)
    except (RuntimeError, OSError, ValueError, KeyError) as error:
        reason = str(error).partition(". You can use download")[0]
        raise MissingError(
            f"data.name={name}: torchvision does not accept the files in {root}: {reason}; bring "
            f"them as they were published"
        ) from error


def _classes(opened: Any, labels: Sequence[np.ndarray]) -> list[str]:
    """Return torchvision's names of the classes; numbers where it has none."""
    named = getattr(opened, "classes", None)
    if named:
        return [name if isinstance(name, str) else name[0] for name in named]
    return [str(label) for label in range(int(max(part.max() for part in labels)) + 1)]
