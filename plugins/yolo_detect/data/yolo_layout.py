"""The layout of a YOLO data set: images, labels and class names.

Either a YAML file gives it (`path`, `train`, `val`, `test`, `names`), or a folder is laid out as
`images/PART` and `labels/PART`, or as `PART/images` and `PART/labels`. Nothing is ever downloaded.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from nntasks.config import read_config_file
from nntasks.datasets.faults import Faults
from nntasks.datasets.part_names import PARTS, part_folders
from nntasks.errors import UsageError
from nntasks.pictures.files import SUFFIXES
from nntasks.plugins.yolo_detect.data.unique_names import unique_names
from nntasks.plugins.yolo_detect.data.written_paths import find_written, path_hint
from nntasks.plugins.yolo_detect.data.yolo_lines import LineFormat
from nntasks.plugins.yolo_detect.data.yolo_yaml import class_names, keypoint_numbers
from nntasks.storage.listing import files_below, files_in, folders_in

_LABEL_FOLDERS = {"images": "labels", "Images": "Labels", "IMAGES": "LABELS"}
_LOG = logging.getLogger("nntasks.data")


@dataclass(frozen=True)
class Images:
    """The images of one part.

    Attributes:
        files: in sorted order for a folder, in the listed order for a list.
        folders: the folders that were searched; empty if the images were listed.
    """

    files: tuple[Path, ...]
    folders: tuple[Path, ...]


@dataclass(frozen=True)
class Layout:
    """The layout of a data set.

    Attributes:
        root: the data set's folder.
        parts: images by part: "train", "validation", "test", if present.
        classes: class names by label; None if unnamed.
        lines: the allowed content of label lines.
    """

    root: Path
    parts: Mapping[str, Images]
    classes: tuple[str, ...] | None
    lines: LineFormat


def find_layout(path: Path, faults: Faults) -> Layout:
    """Detect the layout of the data set at `path`, a folder or a YAML file.

    Args:
        path: the folder or the file.
        faults: receives the faults of a YAML file or a list: contradictions, paths that do not
            exist, images that are listed twice.

    Raises:
        UsageError: nothing there, more than one YAML file in the folder, no images, no YAML.
    """
    if not path.exists():
        raise UsageError(f"data.path: there is neither a folder nor a file {path}")
    if path.is_file():
        return _from_yaml(path, faults)
    described = files_in(path, (".yaml", ".yml"))
    if path / "data.yaml" in described:
        described = [path / "data.yaml"]
    if len(described) > 1:
        names = ", ".join(file.name for file in described)
        raise UsageError(f"data.path: {path} holds several YAML files ({names}); name one of them")
    return _from_yaml(described[0], faults) if described else _from_folder(path)


@lru_cache(maxsize=1024)
def label_folder(images: Path, root: Path) -> Path:
    """Return the label folder of the images directly in a folder: `images` becomes `labels`.

    The last such folder below `root` is replaced, in lower, upper or title case. Without one, the
    labels are beside the image.
    """
    inside = images.is_relative_to(root)
    parts = list((images.relative_to(root) if inside else images).parts)
    for index in range(len(parts) - 1, -1, -1):
        if parts[index] in _LABEL_FOLDERS:
            parts[index] = _LABEL_FOLDERS[parts[index]]
            return root.joinpath(*parts) if inside else Path(*parts)
    return images


def _from_folder(root: Path) -> Layout:
    places: dict[str, list[Path]] = {part: [] for part in PARTS}
    for entry in folders_in(root):
        if entry.name in _LABEL_FOLDERS:
            for part, folder in part_folders(entry).items():
                places[part].append(folder)
    for part, folder in part_folders(root).items():
        inner = [folder / name for name in _LABEL_FOLDERS if (folder / name).is_dir()]
        places[part] += inner[:1]
    parts: dict[str, Images] = {}
    for part, found in places.items():
        if len(found) > 1:
            raise UsageError(
                f"data.path: {root} holds {part} images in {found[0]} and in {found[1]}; "
                "name the folders in a data.yaml"
            )
        if found:
            parts[part] = Images(_images_below(found[0]), (found[0],))
    if not parts:
        raise UsageError(
            f"data.path: {root} holds no data set; expected a data.yaml, or folders images/train, "
            "images/val, images/test and labels/train, labels/val, labels/test"
        )
    classes = _classes_file(root / "classes.txt")
    return Layout(root, parts, classes, _lines(classes, 0))


def _classes_file(path: Path) -> tuple[str, ...] | None:
    if not path.is_file():
        return None
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: expected one class name per line, in UTF-8: {error}") from error
    classes = [line.strip() for line in lines if line.strip()]
    if not classes:
        raise UsageError(f"{path}: expected one class name per line, the file is empty")
    return unique_names(path, classes, range(len(classes)))


def _lines(classes: tuple[str, ...] | None, keypoints: int) -> LineFormat:
    return LineFormat(None if classes is None else len(classes), classes or (), keypoints)


def _from_yaml(path: Path, faults: Faults) -> Layout:
    content = read_config_file(path)
    if "download" in content:
        _LOG.warning("%s: the key 'download' is ignored; nothing is downloaded", path)
    root = _root(path, content.get("path") or ".")
    parts: dict[str, Images] = {}
    for part, names in PARTS.items():
        keys = [key for key in names if content.get(key)]
        if len(keys) > 1:
            faults.add(f"{path}: expected one of the keys {' and '.join(keys)}, got both")
        if keys:
            parts[part] = _yaml_part(path, root, keys[0], content[keys[0]], faults)
    if not parts:
        raise UsageError(
            f"{path}: expected the keys train, val or test, each naming a folder of images"
        )
    classes = class_names(path, content, faults)
    return Layout(root, parts, classes, _lines(classes, keypoint_numbers(path, content, faults)))


def _root(path: Path, text: Any) -> Path:
    if not isinstance(text, str):
        raise UsageError(f"{path}: expected a path under 'path', got {text!r:.60}")
    root = find_written(text, [path.parent])
    if root is None or not root.is_dir():
        raise UsageError(
            f"{path}: there is no folder {path.parent / text}, which 'path' names; bring the data "
            f"there{path_hint(text)}"
        )
    return root


def _yaml_part(path: Path, root: Path, key: str, value: Any, faults: Faults) -> Images:
    files: dict[Path, None] = {}
    folders: list[Path] = []
    for text in value if isinstance(value, list) else [value]:
        if not isinstance(text, str):
            faults.add(f"{path}: expected a path under {key!r}, got {text!r:.60}")
            continue
        place = _place(path, root, key, text)
        if place is None:
            faults.add(f"{path}: there is no {root / text}, which {key!r} names{path_hint(text)}")
            continue
        if place.is_dir():
            folders.append(place)
        for file in _images_below(place) if place.is_dir() else _listed_images(place, root, faults):
            if file in files:
                faults.add(f"{path}: image {file} is listed twice under {key!r}")
            files[file] = None
    return Images(tuple(files), tuple(folders))


def _place(path: Path, root: Path, key: str, text: str) -> Path | None:
    place = find_written(text, [root])
    if place is None and text.replace("\\", "/").startswith("../"):
        # Some exports write ../train/images into a file beside the folder train.
        place = find_written(text[3:], [root])
        if place:
            _LOG.warning("%s: there is no %s; %s is taken for %r", path, root / text, place, key)
    return place


def _images_below(folder: Path) -> tuple[Path, ...]:
    files = files_below(folder, SUFFIXES)
    if not files:
        raise UsageError(f"there are no images in {folder}; expected {', '.join(SUFFIXES)}")
    return tuple(files)


def _listed_images(listing: Path, root: Path, faults: Faults) -> Iterator[Path]:
    """Read a text file with one image per line, relative to the file's folder or to the root."""
    try:
        lines = listing.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the list of images {listing}: {error}") from error
    named = [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip()]
    if not named:
        raise UsageError(f"there are no images in {listing}; expected one path per line")
    for number, line in named:
        found = find_written(line, [listing.parent, root], Path.is_file)
        if found is None:
            faults.add(
                f"{listing}, line {number}: there is no image {listing.parent / line}"
                f"{path_hint(line)}"
            )
        else:
            yield found
