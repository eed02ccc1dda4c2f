"""From what a user types (files, folders, globs) to a list of files."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

from nntasks.errors import UsageError


def expand(sources: Sequence[str], suffixes: Sequence[str]) -> list[Path]:
    """Return the files that `sources` name, each once, in a fixed order.

    A folder stands for the files directly in it that have one of `suffixes`; a pattern with
    `*`, `?` or `[` for the files that match it (`**` reaches into sub-folders).

    Raises:
        UsageError: a source names nothing, or nothing of the right kind.
    """
    found: list[Path] = []
    for source in sources:
        found.extend(_expand_one(source, tuple(s.lower() for s in suffixes)))
    return list(dict.fromkeys(found))


def _expand_one(source: str, suffixes: tuple[str, ...]) -> list[Path]:
    path = Path(source)
    kinds = ", ".join(suffixes)
    if path.is_dir():
        files = [p for p in sorted(path.iterdir()) if p.is_file() and p.suffix.lower() in suffixes]
        if not files:
            raise UsageError(f"folder {source} holds no file of the kinds {kinds}")
        return files
    if path.exists():
        if path.suffix.lower() not in suffixes:
            raise UsageError(f"{source}: expected a file of the kinds {kinds}, got {path.suffix!r}")
        return [path]
    matches = [Path(p) for p in sorted(glob.glob(source, recursive=True))]
    files = [p for p in matches if p.is_file() and p.suffix.lower() in suffixes]
    if not files:
        raise UsageError(f"{source}: expected a file, a folder or a pattern, found nothing there")
    return files
