"""Unpack a zip or tar archive without trusting it.

Only regular files are unpacked, and only into the folder. A link becomes a copy of its target,
which must be in the same archive. No link is ever created, so nothing can be written through one.
All files go into a temporary folder first and are renamed into place when all are valid.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from nntasks.datasets.check import CHUNK, UnpackedFile
from nntasks.datasets.tar_headers import Refused, ShortHeaders
from nntasks.errors import CheckFailed, RunFailed
from nntasks.storage.failures import cannot_write

MOST_FILES = 5_000_000
_DEEPEST = 64  # folders in each other
_WORK = ".unpacking-"  # folders of work that is not done
_LONGEST_NAME = 255  # bytes
_SHOWN = 200  # signs of a name in a message
_LEAST_ALLOWANCE = 64 << 20  # bytes
_ALLOWED_RATIO = 100  # text and masks shrink some ten times, a bomb a thousand times
_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_UNREADABLE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
    *(EOFError, NotImplementedError, RuntimeError, OSError, ValueError),
)


@dataclass(frozen=True)
class _Member:
    name: str
    kind: Literal["file", "link"]
    size: int
    open: Callable[[], IO[bytes]]
    target: str = ""  # of a link, relative to the archive's root


def unpack(archive: Path, folder: Path, *, limit: int | None = None) -> list[UnpackedFile]:
    """Unpack `archive` into `folder`; existing files of the same name are replaced.

    Args:
        archive: a .zip, or a .tar, plain or compressed with gzip, bzip2 or xz.
        folder: exists already.
        limit: the largest number of unpacked bytes; by default a hundred times the archive's size,
            and at least 64 MiB.

    Returns:
        The unpacked files, in the archive's order.

    Raises:
        CheckFailed: the archive cannot be read, or holds an absolute path, a path with `..` or a
            drive letter, a link to anything but a file of its own, a device, a name twice, an
            encrypted file, or too much; `folder` is then as it was.
        RunFailed: a file cannot be written.
    """
    if limit is None:
        limit = max(_LEAST_ALLOWANCE, _ALLOWED_RATIO * archive.stat().st_size)
    for left in folder.glob(f"{_WORK}*"):  # of a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    try:
        temporary = Path(tempfile.mkdtemp(prefix=_WORK, dir=folder))
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        unpacked = _extract(archive, temporary, limit)
        _move(unpacked, temporary, folder)
    except Refused as error:
        raise CheckFailed(f"{archive} is not unpacked: {error}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return unpacked


def _extract(archive: Path, temporary: Path, limit: int) -> list[UnpackedFile]:
    unpacked: dict[str, UnpackedFile] = {}
    links: list[tuple[str, str]] = []
    room = limit
    for member in _readable(_members(archive)):
        path = _safe_path(member.name)
        if len(unpacked) + len(links) >= MOST_FILES:
            raise Refused(f"expected at most {MOST_FILES} files, it holds more")
        if member.kind == "link":
            links.append((path, _safe_path(member.target, f"{member.name!r} links to")))
            continue
        if member.size > room:
            raise _too_much(limit)
        with _opened(member) as source:
            unpacked[path] = _write(source, temporary, path)
        room -= unpacked[path].size
    _resolve_links(links, unpacked, temporary, room, limit)
    return list(unpacked.values())


def _members(archive: Path) -> Iterator[_Member]:
    name = archive.name.lower()
    if not name.endswith(_ENDINGS):
        raise Refused(f"expected a name that ends in one of {', '.join(_ENDINGS)}")
    return _zip_members(archive) if name.endswith(".zip") else _tar_members(archive)


def _zip_members(archive: Path) -> Iterator[_Member]:
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            mode = info.external_attr >> 16
            if info.flag_bits & 1:
                raise Refused(f"{info.filename!r} is encrypted")
            if stat.S_ISLNK(mode):
                target = file.read(info).decode("utf-8") if info.file_size < 4096 else ""
                yield _link(info.filename, target)
            elif stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise Refused(f"{info.filename!r} is a device or another special file")
            elif info.is_dir():
                _safe_path(info.filename)
            else:
                opener = _bind(file.open, info)
                yield _Member(info.orig_filename, "file", info.file_size, opener)


def _tar_members(archive: Path) -> Iterator[_Member]:
    with tarfile.open(archive, "r:*", tarinfo=ShortHeaders) as file:
        for info in file:
            if info.isdir():
                _safe_path(info.name)
            elif info.issym():
                yield _link(info.name, info.linkname)
            elif info.islnk():  # a hard link's target is relative to the root
                yield _Member(info.name, "link", 0, _nothing, info.linkname)
            elif info.isreg():
                yield _Member(info.name, "file", info.size, _bind(file.extractfile, info))
            else:
                raise Refused(f"{info.name!r} is a device or another special file")


def _bind(function: Callable[..., IO[bytes] | None], info: object) -> Callable[[], IO[bytes]]:
    def opener() -> IO[bytes]:
        opened = function(info)
        assert opened is not None  # only None for what is no file, and those were sorted out
        return opened

    return opener


def _nothing() -> IO[bytes]:
    raise AssertionError("a link has no content of its own")


def _link(name: str, target: str) -> _Member:
    """A symbolic link: its target is relative to where the link is."""
    if not target or target.startswith(("/", "\\")):
        raise Refused(f"{name!r} links to {target!r}, outside the folder")
    parts: list[str] = list(PurePosixPath(name.replace("\\", "/")).parent.parts)
    for part in target.replace("\\", "/").split("/"):
        if part == ".." and not parts:
            raise Refused(f"{name!r} links to {target!r}, outside the folder")
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return _Member(name, "link", 0, _nothing, "/".join(parts))


def _safe_path(name: str, what: str = "it holds") -> str:
    """Return `name` with single forward slashes, or refuse it."""
    parts = name.replace("\\", "/").split("/")
    if not name or any(ord(sign) < 32 or ord(sign) == 127 for sign in name):
        raise Refused(f"{what} the name {name[:_SHOWN]!r}, which no file can have")
    try:
        longest = max(len(part.encode()) for part in parts)
    except UnicodeEncodeError:
        raise Refused(f"{what} the name {name[:_SHOWN]!r}, which is not UTF-8") from None
    if longest > _LONGEST_NAME or len(parts) > _DEEPEST:
        raise Refused(
            f"{what} {name[:_SHOWN]!r}...: expected names of at most {_LONGEST_NAME} bytes, "
            f"at most {_DEEPEST} folders deep"
        )
    if not parts[0]:
        raise Refused(f"{what} the absolute path {name!r}")
    if ".." in parts:
        raise Refused(f"{what} {name!r}, a path that leads outside the folder")
    if any(re.match(r"^[A-Za-z]:", part) for part in parts):
        raise Refused(f"{what} {name!r}, a path with a drive letter")
    return "/".join(part for part in parts if part not in ("", "."))


def _readable(members: Iterator[_Member]) -> Iterator[_Member]:
    try:
        yield from members
    except _UNREADABLE as error:
        raise _cannot_read(error) from error


def _opened(member: _Member) -> IO[bytes]:
    try:
        return member.open()
    except _UNREADABLE as error:
        raise _cannot_read(error) from error


def _write(source: IO[bytes], temporary: Path, path: str) -> UnpackedFile:
    """Copy a member; zipfile and tarfile read at most as many bytes as its header states."""
    digest, size, target = hashlib.sha256(), 0, temporary / path
    with _created(target, path) as out:
        while True:
            try:
                chunk = source.read(CHUNK)
            except _UNREADABLE as error:
                raise _cannot_read(error) from error
            if not chunk:
                return UnpackedFile(path, size, digest.hexdigest())
            size += len(chunk)
            digest.update(chunk)
            try:
                view = memoryview(chunk)
                while view:
                    view = view[out.write(view) :]
            except OSError as error:
                raise _cannot_write(target, error) from error


def _created(target: Path, path: str) -> FileIO:
    """Return a new file without a buffer, whose rest would be written, and fail, on closing."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return open(target, "xb", buffering=0)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise Refused(f"it holds {path!r} twice, or as a file and as a folder") from None
    except OSError as error:
        raise _cannot_write(target, error) from error


def _resolve_links(
    links: list[tuple[str, str]],
    unpacked: dict[str, UnpackedFile],
    temporary: Path,
    room: int,
    limit: int,
) -> None:
    while links:  # a link may name a link, so go round until nothing more can be copied
        waiting = [(path, target) for path, target in links if target not in unpacked]
        if len(waiting) == len(links):
            path, target = links[0]
            raise Refused(f"{path!r} links to {target!r}, which is not a file in the archive")
        for path, target in links:
            if target not in unpacked:
                continue
            if unpacked[target].size > room:
                raise _too_much(limit)
            with open(temporary / target, "rb") as source:
                copied = _write(source, temporary, path)
            unpacked[path] = copied
            room -= copied.size
        links = [link for link in waiting if link[0] not in unpacked]


def _move(unpacked: list[UnpackedFile], temporary: Path, folder: Path) -> None:
    for item in unpacked:
        target = folder / item.path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(temporary / item.path, target)
        except OSError as error:
            raise _cannot_write(target, error) from error


def _too_much(limit: int) -> Refused:
    return Refused(f"more than {limit} bytes would be unpacked, which looks like an archive bomb")


def _cannot_read(error: BaseException) -> Refused:
    reason = " ".join(str(error).split()) or type(error).__name__
    return Refused(f"it cannot be read ({reason})")


def _cannot_write(path: Path, error: OSError) -> RunFailed:
    return RunFailed(cannot_write(path, error, "free space or allow writing"))
