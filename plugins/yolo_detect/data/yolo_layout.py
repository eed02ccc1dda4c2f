"""Where the images, the labels and the class names of a YOLO data set lie.

Either a YAML file says so (`path`, `train`, `val`, `test`, `names`), or a folder is laid out as
`images/PART` and `labels/PART`, or as `PART/images` and `PART/labels`. Nothing is ever downloaded.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.config import read_config_file
from nntasks.errors import UsageError
from nntasks.pictures.files import SUFFIXES

PARTS: Mapping[str, tuple[str, ...]] = {  # our name of a part: names of its folder or key
    "train": ("train",),
    "validation": ("val", "valid", "validation"),
    "test": ("test",),
}
_LOG = logging.getLogger("nntasks.data")


@dataclass(frozen=True)
class Images:
    """The images of one part.

    Attributes:
        files: in sorted order for a folder, in the listed order for a list.
        folders: the folders that were searched; empty where the images were listed.
    """

    files: tuple[Path, ...]
    folders: tuple[Path, ...]


@dataclass(frozen=True)
class Layout:
    """What was found.

    Attributes:
        root: the data set's folder.
        parts: images by part: "train", "validation", "test", as far as there are any.
        classes: class names by label; None where nothing names them.
        named_by: the file that names them, for messages.
    """

    root: Path
    parts: Mapping[str, Images]
    classes: tuple[str, ...] | None
    named_by: Path | None


def find_layout(path: Path) -> Layout:
    """Find out how the data set at `path`, a folder or a YAML file, is laid out.

    Raises:
        UsageError: nothing there, more than one YAML file in the folder, no images, or a YAML file
            that contradicts itself.
    """
    if not path.exists():
        raise UsageError(f"data.path: there is neither a folder nor a file {path}")
    if path.is_file():
        return _from_yaml(path)
    described = sorted([*path.glob("*.yaml"), *path.glob("*.yml")])
    if path / "data.yaml" in described:
        described = [path / "data.yaml"]
    if len(described) > 1:
        names = ", ".join(file.name for file in described)
        raise UsageError(f"data.path: {path} holds several YAML files ({names}); name one of them")
    return _from_yaml(described[0]) if described else _from_folder(path)


def label_file(image: Path, root: Path) -> Path:
    """Return where the labels of an image lie: `images` in its path becomes `labels`.

    It is the last such folder below `root`; where there is none, the labels lie beside the image.
    """
    label = image.with_suffix(".txt")
    inside = label.is_relative_to(root)
    parts = list((label.relative_to(root) if inside else label).parts)
    for index in range(len(parts) - 2, -1, -1):
        if parts[index] == "images":
            parts[index] = "labels"
            return root.joinpath(*parts) if inside else Path(*parts)
    return label


def _from_folder(root: Path) -> Layout:
    parts: dict[str, Images] = {}
    for part, names in PARTS.items():
        places = [
            place for name in names for place in (root / "images" / name, root / name / "images")
        ]
        here = [place for place in places if place.is_dir()]
        if here:
            parts[part] = Images(_images_below(here[0]), (here[0],))
    if not parts:
        raise UsageError(
            f"data.path: {root} holds no data set; expected a data.yaml, or folders images/train, "
            "images/val, images/test and labels/train, labels/val, labels/test"
        )
    names_file = root / "classes.txt"
    if not names_file.is_file():
        return Layout(root, parts, None, None)
    lines = names_file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    classes = tuple(line.strip() for line in lines if line.strip())
    if not classes:
        raise UsageError(f"{names_file}: expected one class name a line, the file is empty")
    return Layout(root, parts, classes, names_file)


def _from_yaml(path: Path) -> Layout:
    content = read_config_file(path)
    if "download" in content:
        _LOG.warning("%s: the key 'download' is ignored; nothing is downloaded", path)
    root = path.parent / _text(path, "path", content.get("path") or ".")
    if not root.is_dir():
        raise UsageError(
            f"{path}: there is no folder {root}, which 'path' names; bring the data there"
        )
    parts: dict[str, Images] = {}
    for part, keys in PARTS.items():
        key = next((key for key in keys if content.get(key)), None)
        if key:
            parts[part] = _yaml_part(path, root, key, content[key])
    if not parts:
        raise UsageError(
            f"{path}: expected the keys train, val or test, each naming a folder of images"
        )
    return Layout(root, parts, _names(path, content), path)


def _names(path: Path, content: Mapping[str, Any]) -> tuple[str, ...]:
    names = content.get("names")
    if isinstance(names, dict):
        if sorted(names, key=str) != sorted(range(len(names)), key=str):
            raise UsageError(
                f"{path}: expected 'names' numbered 0 to {len(names) - 1} without gaps, "
                f"got {', '.join(map(str, list(names)[:10]))}"
            )
        names = [names[number] for number in range(len(names))]
    if not isinstance(names, list) or not names:
        raise UsageError(f"{path}: expected the class names under 'names', as a list or as 0: NAME")
    for number, name in enumerate(names):
        if not isinstance(name, (str, int, float)) or isinstance(name, bool):
            raise UsageError(
                f"{path}: expected text as name of class {number}, got {name!r}; quote it"
            )
    count = content.get("nc", len(names))
    if count != len(names):
        raise UsageError(f"{path}: 'nc' says {count} classes, but 'names' has {len(names)}")
    return tuple(map(str, names))


def _yaml_part(path: Path, root: Path, key: str, value: Any) -> Images:
    files: list[Path] = []
    folders: list[Path] = []
    for text in value if isinstance(value, list) else [value]:
        place = _place(path, root, key, _text(path, key, text))
        if place.is_dir():
            folders.append(place)
            files += _images_below(place)
        else:
            files += _listed_images(place, root)
    twice = _first_repeated(files)
    if twice:
        raise UsageError(f"{path}: image {twice} is listed twice under {key!r}")
    return Images(tuple(files), tuple(folders))


def _text(path: Path, key: str, value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise UsageError(f"{path}: expected a path under {key!r}, got {value!r:.60}")
    return value


def _place(path: Path, root: Path, key: str, text: str) -> Path:
    place = root / text
    if place.exists():
        return place
    # Some exports write ../train/images into a file that lies beside the folder train.
    inner = root / text.removeprefix("../")
    if text.startswith("../") and inner.exists():
        _LOG.warning("%s: there is no %s; %s is taken for %r", path, place, inner, key)
        return inner
    raise UsageError(f"{path}: there is no {place}, which {key!r} names")


def _images_below(folder: Path) -> tuple[Path, ...]:
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
    )
    if not files:
        raise UsageError(f"there are no images in {folder}; expected {', '.join(SUFFIXES)}")
    return tuple(files)


def _listed_images(listing: Path, root: Path) -> Iterator[Path]:
    """Read a text file with one image a line, relative to the file's folder or to the root."""
    try:
        lines = listing.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the list of images {listing}: {error}") from error
    named = [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip()]
    if not named:
        raise UsageError(f"there are no images in {listing}; expected one path a line")
    for number, line in named:
        places = [listing.parent / line, root / line]
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            raise UsageError(f"{listing}, line {number}: there is no image {places[0]}")
        yield found


def _first_repeated(files: Iterable[Path]) -> Path | None:
    seen: set[Path] = set()
    for file in files:
        if file in seen:
            return file
        seen.add(file)
    return None
