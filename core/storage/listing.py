"""List files and folders; the only place that decides which are skipped.

Passed over are hidden names (`._photo.jpg`, `.ipynb_checkpoints`, `.DS_Store`) and what systems and
archivers leave behind (`__MACOSX`, `Thumbs.db`, `desktop.ini`). Suffixes count in either case.
Links to folders are followed; one that leads back to a folder above it is left out and named.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from nntasks.errors import UsageError

_LEFT_BEHIND = frozenset(("__macosx", "thumbs.db", "desktop.ini", "@eadir"))
_LOG = logging.getLogger("nntasks.data")

_Identity = tuple[int, int]  # device and inode, which identify a folder under any path


def is_passed_over(name: str) -> bool:
    """Return whether listings skip files and folders of this name."""
    return name.startswith(".") or name.lower() in _LEFT_BEHIND


def files_in(folder: Path, suffixes: Collection[str] = ()) -> list[Path]:
    """Return the files directly in a folder, in the order of their names.

    Args:
        folder: where they are.
        suffixes: lower-case endings such as ".jpg"; none for files of every kind.

    Raises:
        UsageError: the folder cannot be listed; names it and the reason.
    """
    found = (
        entry.path
        for entry in _entries(folder)
        if _has_suffix(entry.name, suffixes) and _is_file(entry)
    )
    return [Path(path) for path in sorted(found)]


def files_below(folder: Path, suffixes: Collection[str] = ()) -> list[Path]:
    """Return the files in a folder and in all folders below it, in the order of their paths.

    A dangling link counts as a file, so that reading it reports the error.

    Args, Raises: see `files_in`.
    """
    return [Path(path) for path in paths_below(folder, suffixes)]


def paths_below(folder: Path | str, suffixes: Collection[str] = ()) -> list[str]:
    """Return what `files_below` does as text, for lists too long for a Path each.

    Args, Raises: see `files_in`.
    """
    return sorted(_walk(folder, suffixes, _identities_above(Path(folder))), key=_parts)


def folders_in(folder: Path) -> list[Path]:
    """Return the folders directly in a folder, in the order of their names.

    Raises:
        UsageError: the folder cannot be listed; names it and the reason.
    """
    return sorted(Path(entry.path) for entry in _entries(folder) if _is_folder(entry))


def names_in(folder: Path | str) -> frozenset[str]:
    """Return the names of everything directly in a folder; none if it cannot be listed.

    To look for many files of one folder: one question to the system instead of one for each.
    """
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()


def leads_back(path: Path) -> bool:
    """Return whether a path goes through a link that leads back to a folder above the link."""
    return any(
        Path(os.path.realpath(link.parent)).is_relative_to(os.path.realpath(link))
        for link in path.parents
        if link.is_symlink()
    )


def _parts(path: str) -> str:
    """Return the key by which texts sort as paths do: name after name, not sign after sign."""
    return path.replace(os.sep, "\0")


def _walk(
    folder: Path | str, suffixes: Collection[str], above: frozenset[_Identity]
) -> Iterator[str]:
    for entry in _entries(folder):
        if not _is_folder(entry):
            if _has_suffix(entry.name, suffixes) and _is_file(entry):
                yield entry.path
            continue
        identity = _identity(entry.stat())
        if identity in above:
            _LOG.warning("%s leads back to a folder above it; it is not followed", entry.path)
        else:
            yield from _walk(entry.path, suffixes, above | {identity})


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not is_passed_over(entry.name)]
    except OSError as error:
        raise UsageError(f"cannot list folder {folder}: {error.strerror}") from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or beyond a folder that is locked
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Return whether it is a file, not a pipe or device, which would block a reader forever."""
    try:
        # Without a link the kind is known from the listing, and the system is not asked again.
        return entry.is_file(follow_symlinks=False) or stat.S_ISREG(entry.stat().st_mode)
    except OSError:
        return entry.is_symlink()


def _has_suffix(name: str, suffixes: Collection[str]) -> bool:
    return not suffixes or os.path.splitext(name)[1].lower() in suffixes


def _identities_above(folder: Path) -> frozenset[_Identity]:
    real = Path(os.path.realpath(folder))
    return frozenset(_identity(os.stat(each)) for each in (real, *real.parents) if each.exists())


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino
