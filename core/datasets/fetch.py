"""Download one declared file: resumable, checked while it streams, complete or absent.

The bytes go into `NAME.part`. An interrupted download is resumed with an HTTP range request (RFC
9110, section 14); if the server ignores the range, the download restarts.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import re
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nntasks.datasets.check import CHUNK, Progress, digest_of
from nntasks.errors import CheckFailed, MissingError, PluginError, RunFailed
from nntasks.interfaces import DataFile
from nntasks.storage.failures import cannot_write

_SCHEMES = ("http", "https", "file")
_SLOWEST, _WINDOW = 100, 60.0  # minimum bytes per second, checked at this interval in seconds
_PASSING = (408, 425, 429, 500, 502, 503, 504)  # temporary errors


class _Broken(Exception):
    """A temporary failure of the transfer."""


class _TooSlow(_Broken):
    """The transfer is too slow to continue."""


class _RangeRefused(_Broken):
    """The server rejected the range: the local part is not the start of its file."""


def download(
    file: DataFile,
    target: Path,
    *,
    progress: Progress | None = None,
    attempts: int = 3,
    timeout: float = 30.0,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Download `file.url` to `target`, whose folder exists.

    Args:
        file: the declaration; the transfer ends when it exceeds the declared size.
        target: the final path of the file, once size and checksum are correct.
        progress: called after every chunk.
        attempts: the number of failures in a row without a new byte.
        timeout: seconds without an answer until a connection counts as broken.
        pause: waits the given number of seconds between attempts.

    Raises:
        MissingError: no network or no such file; `target` + ".part" is kept for the next call.
        CheckFailed: the size or checksum is wrong; nothing is kept.
        RunFailed: the file cannot be written, for example on a full disk.
        PluginError: the address is not http, https or file.
    """
    _check_scheme(file.url)
    part = target.with_name(target.name + ".part")
    _check_space(file, part)
    failures, restarted, most = 0, False, _size(part)
    while True:
        try:
            resumed, digest = _transfer(file, part, progress, timeout)
        except _Broken as error:
            if isinstance(error, _RangeRefused):
                _discard(part)
            gained = _size(part) > most and not isinstance(error, _TooSlow)
            failures = 0 if gained else failures + 1
            most = max(most, _size(part))
            if failures >= attempts:
                raise MissingError(_gave_up(file, part, error)) from error
            pause(failures)
            continue
        if digest == file.sha256.lower():
            break
        _discard(part)
        if not resumed or restarted:
            raise _wrong_checksum(file, digest)
        restarted = True  # the part of an earlier call may belong to another version
    with _writing(target):
        os.replace(part, target)


def _wrong_checksum(file: DataFile, digest: str) -> CheckFailed:
    return CheckFailed(
        f"{file.url}: expected sha256 {file.sha256}, got {digest}; the file was changed "
        "or damaged in transit; nothing was kept"
    )


def _transfer(
    file: DataFile, part: Path, progress: Progress | None, timeout: float
) -> tuple[bool, str]:
    """Complete `part` to the declared size; return whether it was resumed, and its SHA-256."""
    if _size(part) > file.size:
        _discard(part)
    have = _size(part)
    if have == file.size and part.exists():
        return True, digest_of(part).hexdigest()
    with _answer(file, have, timeout) as response:
        start = _start_of(file, response, have)
        _check_length(file, response, start)
        digest = digest_of(part) if start else hashlib.sha256()
        with _writing(part), open(part, "ab" if start else "wb", buffering=0) as out:
            done = start
            for chunk in _chunks(response):
                done += len(chunk)
                if done > file.size:
                    break
                digest.update(chunk)
                view = memoryview(chunk)
                while view:
                    view = view[out.write(view) :]
                if progress:
                    progress(file.path, done, file.size)
            os.fsync(out.fileno())
    if done > file.size:
        _discard(part)
        raise CheckFailed(f"{file.url}: expected {file.size} bytes, got more; nothing was kept")
    if done < file.size:
        raise _Broken(f"the connection ended after {done} of {file.size} bytes")
    return start > 0, digest.hexdigest()


@contextlib.contextmanager
def _answer(file: DataFile, have: int, timeout: float) -> Iterator[Any]:
    """Request the missing bytes."""
    headers = {"User-Agent": "nntasks", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        request = urllib.request.Request(file.url, headers=headers)
    except ValueError as error:
        raise PluginError(f"{file.url!r} is not a valid address: {error}") from error
    try:
        opener = urllib.request.build_opener(_OnlyToTheWeb)
        response = opener.open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        raise _refusal(file, error, have) from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, FileNotFoundError):
            raise MissingError(f"{file.url}: there is no such file") from error
        raise _Broken(str(error.reason)) from error
    except (http.client.InvalidURL, ValueError) as error:  # a port or a host that cannot be
        raise PluginError(f"{file.url!r} is not a valid address: {error}") from error
    except (http.client.HTTPException, OSError) as error:
        raise _Broken(str(error) or type(error).__name__) from error
    with response:
        _check_scheme(response.url)  # it may have been sent elsewhere
        yield response


def _refusal(file: DataFile, error: urllib.error.HTTPError, have: int) -> Exception:
    text = f"the server answered {error.code} {error.reason}"
    if error.code == 416 and have:
        return _RangeRefused(text)
    if error.code in _PASSING:
        return _Broken(text)
    return MissingError(f"{file.url}: {text}; the file is not available there")


def _start_of(file: DataFile, response: Any, have: int) -> int:
    """Return the first byte of the server's answer: `have`, or 0 if it ignores ranges."""
    if not have or response.status != 206:
        return 0
    stated = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    if not stated or int(stated[1]) != have:
        raise _RangeRefused("the server sent a different range than requested")
    return have


def _check_length(file: DataFile, response: Any, start: int) -> None:
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and start + int(length) != file.size:
        raise CheckFailed(
            f"{file.url}: expected {file.size} bytes, the server has {start + int(length)}; "
            "the file there is not the declared one"
        )


def _chunks(response: Any) -> Iterator[bytes]:
    pace = _Pace()
    read = getattr(response, "read1", response.read)  # what is there, rather than a whole chunk
    while True:
        try:
            chunk = read(CHUNK)
        except http.client.IncompleteRead as error:
            yield error.partial
            return  # the caller sees that bytes are missing
        except (http.client.HTTPException, OSError) as error:
            raise _Broken(str(error) or type(error).__name__) from error
        if not chunk:
            return
        yield chunk
        pace.count(len(chunk))


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "free space or allow writing, then repeat the command"
        raise RunFailed(cannot_write(path, error, remedy)) from error


def _check_scheme(url: str) -> None:
    try:
        scheme = urllib.parse.urlsplit(url).scheme.lower()
    except ValueError as error:
        raise PluginError(f"{url!r} is not a valid address: {error}") from error
    if scheme not in _SCHEMES:
        raise PluginError(f"expected an address with http, https or file, got {url!r}")
    if scheme != "file" and not urllib.parse.urlsplit(url).hostname:
        raise PluginError(f"{url!r} is not a valid address: it names no host")


class _OnlyToTheWeb(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http and https only, never to a file of this machine or to ftp."""

    def redirect_request(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str
    ) -> Any:
        if not newurl.lower().startswith(("http://", "https://")):
            raise MissingError(
                f"{req.full_url}: it sends to {newurl!r}, which is not a web address"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Pace:
    """Ends a transfer whose rate is below a minimum, even if no single wait is too long."""

    def __init__(self) -> None:
        self._since, self._bytes = time.monotonic(), 0

    def count(self, size: int) -> None:
        """Count received bytes; raise `_TooSlow` if too few came for too long."""
        self._bytes += size
        seconds = time.monotonic() - self._since
        if seconds < _WINDOW:
            return
        if self._bytes < _SLOWEST * seconds:
            raise _TooSlow(f"only {self._bytes} bytes arrived in {seconds:.0f} s")
        self._since, self._bytes = time.monotonic(), 0


def _check_space(file: DataFile, part: Path) -> None:
    needed = file.size - _size(part)
    free = shutil.disk_usage(part.parent).free
    if needed > free:
        raise RunFailed(
            f"{file.path} needs {needed} more bytes, but only {free} are free in {part.parent}; "
            "free space or set NNTASKS_DATA to a larger disk"
        )


def _gave_up(file: DataFile, part: Path, error: _Broken) -> str:
    kept = f"; {_size(part)} of {file.size} bytes are kept" if _size(part) else ""
    return f"cannot fetch {file.url}: {error}{kept}; check the network, then repeat the command"


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _discard(path: Path) -> None:
    with _writing(path):
        path.unlink(missing_ok=True)
