"""The label file of every image of a part, and label files without an image."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from nntasks.plugins.yolo_detect.data.yolo_layout import Images, label_folder
from nntasks.storage.listing import paths_below


class LabelFiles:
    """The label files of one part.

    Paths are text here: a data set may have a hundred thousand of them.

    Attributes:
        expected: where the label file of each image should be.
        found: where it is; None for an image without one.
        orphans: other label files in the folders of the labels.
    """

    def __init__(self, images: Images, root: Path) -> None:
        places = [str(label_folder(folder, root)) for folder in images.folders]
        there = {path for place in places if os.path.isdir(place) for path in _texts(place)}
        folders: dict[str, str] = {}
        self.expected = [_expected(str(image), root, folders) for image in images.files]
        self.found = [_present(path, there) for path in self.expected]
        lonely = there.difference(filter(None, self.found))
        self.orphans = sorted(path for path in lonely if os.path.basename(path) != "classes.txt")


def _texts(place: str) -> Sequence[str]:
    return paths_below(place, (".txt",))


def _expected(image: str, root: Path, folders: dict[str, str]) -> str:
    """Return the label file of an image, see `label_folder`; `folders` is a cache."""
    folder, name = os.path.split(image)
    place = folders.get(folder)
    if place is None:
        place = folders[folder] = str(label_folder(Path(folder), root))
    dot = name.rfind(".")
    return os.path.join(place, f"{name[:dot] if 0 < dot < len(name) - 1 else name}.txt")


def _present(path: str, there: set[str]) -> str | None:
    """Return the path, or the one in capitals, if there is a file; `there` knows most of them."""
    upper = f"{path[:-4]}.TXT"
    for spelling in (path, upper):
        if spelling in there:
            return spelling
    return next((spelling for spelling in (path, upper) if os.path.isfile(spelling)), None)
