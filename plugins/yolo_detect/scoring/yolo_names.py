"""The names of YOLO's classes, from a list or a data set's YAML file."""

from __future__ import annotations

from pathlib import Path

from nntasks.config import read_config_file
from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.unique_names import unique_names
from nntasks.plugins.yolo_detect.data.yolo_yaml import class_names as names_of_yaml

_YAML = (".yaml", ".yml")


def class_names(labels: Path, names: Path | None, faults: Faults) -> tuple[str, ...] | None:
    """Return the names by number; None if no file has them.

    Args:
        labels: the folder of the labels, in or above which classes.txt or data.yaml is looked for.
        names: the file, if it was given.
        faults: takes the faults of a YAML file.
    """
    if names is not None:
        return _read(names, faults)
    above = labels.absolute()
    for folder in (above, *list(above.parents)[:2]):
        for file in ("classes.txt", "data.yaml"):
            if (folder / file).is_file():
                return _read(folder / file, faults)
    return None


def _read(path: Path, faults: Faults) -> tuple[str, ...] | None:
    if path.suffix.lower() in _YAML:
        return names_of_yaml(path, read_config_file(path), faults)
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    classes = [line.strip() for line in lines if line.strip()]
    if not classes:
        raise UsageError(f"{path}: expected one class name per line, the file is empty")
    return unique_names(path, classes, range(len(classes)))
