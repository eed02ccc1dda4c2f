"""The usual names of a data set's parts: train, Training, val, valid, TEST, ..."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.storage.listing import folders_in

PARTS: Mapping[str, tuple[str, ...]] = {  # our name of a part: the usual ones, in lower case
    "train": ("train", "training"),
    "validation": ("val", "valid", "validation"),
    "test": ("test", "testing"),
}


def part_of(name: str) -> str | None:
    """Return "train", "validation" or "test" for its usual names in any case; None for others."""
    return next((part for part, names in PARTS.items() if name.lower() in names), None)


def part_folders(folder: Path) -> dict[str, Path]:
    """Return the folders directly below `folder` that are named like parts, by part.

    Raises:
        UsageError: two folders are named like the same part, or the folder cannot be listed.
    """
    found: dict[str, Path] = {}
    for entry in folders_in(folder):
        part = part_of(entry.name)
        if part in found:
            raise UsageError(
                f"{folder}: expected one folder of the {part} part, got {found[part].name} and "
                f"{entry.name}; join or rename them"
            )
        if part:
            found[part] = entry
    return found
