"""Expand files, folders and glob patterns to a list of files."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.storage.listing import files_below, files_in, is_passed_over, leads_back


def expand(sources: Sequence[str], suffixes: Sequence[str]) -> list[Path]:
    """Return the files that `sources` name, each once, in a fixed order.

    A folder means the files directly in it with one of `suffixes`. A pattern with `*`, `?` or `[`
    means the files that match it (`**` includes sub-folders). Both skip what
    `nntasks.storage.listing` skips; a file given by name is never skipped.

    Raises:
        UsageError: a source matches nothing, or no file of the right kind.
    """
    found: list[Path] = []
    for source in sources:
        found.extend(_expand_one(source, tuple(s.lower() for s in suffixes)))
    return list(dict.fromkeys(found))


def _expand_one(source: str, suffixes: tuple[str, ...]) -> list[Path]:
    path = Path(source)
    kinds = ", ".join(suffixes)
    if path.is_dir():
        files = files_in(path, suffixes)
        if not files:
            raise UsageError(
                f"folder {source} holds no file of the kinds {kinds}{_below(path, suffixes)}"
            )
        return files
    if os.path.lexists(path):
        if path.suffix.lower() not in suffixes:
            raise UsageError(f"{source}: expected a file of the kinds {kinds}, got {path.suffix!r}")
        return [path]
    matches = (Path(p) for p in sorted(glob.glob(source, recursive=True)))
    files = [p for p in matches if p.suffix.lower() in suffixes and _counts(p, source)]
    if not files:
        raise UsageError(f"{source}: expected a file, a folder or a pattern, found nothing there")
    return files


def _below(folder: Path, suffixes: tuple[str, ...]) -> str:
    """Return what to type for the files in the folders below."""
    if not files_below(folder, suffixes):
        return ""
    return f" itself; for those in the folders below it, give '{folder}/**/*'"


def _counts(match: Path, pattern: str) -> bool:
    spelt_out = set(Path(pattern).parts)
    hidden = any(is_passed_over(part) for part in match.parts if part not in spelt_out)
    return match.is_file() and not hidden and not leads_back(match)
