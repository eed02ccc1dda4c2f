"""One process at a time in a folder.

The lock is the kernel's (flock) on the file `.lock` in that folder, so it ends with the holder and
with the children that inherited it, however they end. The file also names the holder, for messages.
Where Python or the file system has no such locks (Lustre, some NFS), that claim alone counts, and
its holder touches it (`nntasks.storage.heartbeat`); the claim of a process that has ended, or that
shows no sign of life, is taken over.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.storage.failures import cannot_write
from nntasks.storage.heartbeat import Heartbeat, age, seconds

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

Say = Callable[[str], None]

NAME = ".lock"
_REMEDY = "choose another folder with --out"
_POLL = 0.1  # seconds
_BUSY = (errno.EAGAIN, errno.EACCES)
_told: set[str] = set()  # reasons for missing locks, each reported once per process


class InUse(UsageError):
    """Another process holds the folder."""


@dataclass
class Lock:
    """A folder that this process holds.

    Attributes:
        folder: the locked folder; update it after a rename.
        descriptor: children that inherit it keep the lock when this process is killed.
        heartbeat: the sign of life where there are no locks.
    """

    folder: Path
    descriptor: int
    heartbeat: Heartbeat | None = None

    def release(self) -> None:
        """Release the folder and remove the lock file."""
        if self.heartbeat is not None:
            self.heartbeat.stop()
        with contextlib.suppress(OSError):
            (self.folder / NAME).unlink()
        os.close(self.descriptor)


def acquire(folder: Path, say: Say, *, remedy: str = _REMEDY) -> Lock:
    """Lock a folder for this process.

    Args:
        folder: exists already.
        say: receives a warning if there are no locks.
        remedy: what to do where the folder cannot be written, for the message.

    Raises:
        InUse: another process holds it; the message names that process.
        UsageError: the folder cannot be written.
    """
    file = folder / NAME
    while True:
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
        except OSError as error:
            raise UsageError(cannot_write(folder, error, remedy)) from error
        try:
            is_real = _lock(descriptor, folder, say)
            if _is_still(file, descriptor):
                _claim(descriptor)
                return Lock(folder, descriptor, None if is_real else Heartbeat(descriptor))
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the holder before us removed the file after we had opened it


@contextlib.contextmanager
def held(folder: Path, say: Say, *, remedy: str = _REMEDY) -> Iterator[int]:
    """Lock a folder during the block, creating it if necessary; wait for other holders.

    Yields:
        the descriptor that children must inherit, so that the lock outlives a killed parent until
        they have ended too.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(cannot_write(folder, error, remedy)) from error
    lock = _wait(folder, say, remedy)
    try:
        yield lock.descriptor
    finally:
        lock.release()


def is_abandoned(folder: Path, say: Say) -> bool:
    """Return whether the process that held the folder has ended.

    Its children may still be running for a moment; `held` waits for them.
    """
    try:
        lock = acquire(folder, say)
    except InUse:
        return _has_ended(*_claimant_of(folder)[:2])
    except UsageError:  # missing, or not writable
        return False
    lock.release()
    return True


def is_claimed(folder: Path) -> bool:
    """Return whether a process that may still run claims the folder; nothing in it changes.

    A claim of this process counts. Only `acquire` knows for certain.
    """
    process, boot, _ = _claimant_of(folder)
    if process and boot == _boot():
        return process == os.getpid() or not _has_ended(process, boot)
    return bool(process) and _is_locked(folder / NAME)


def _is_locked(file: Path) -> bool:
    """Return whether a process, of any machine, holds the kernel's lock; True where none is known.

    A process that starts in this moment would find the file in use, so this is for claims that are
    probably left over.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except OSError:
        return False
    try:
        if fcntl is None:
            return True
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except OSError:
        return True
    finally:
        os.close(descriptor)


def _wait(folder: Path, say: Say, remedy: str) -> Lock:
    warned = False
    while True:
        try:
            return acquire(folder, say, remedy=remedy)
        except InUse as error:
            if not warned:
                say(f"{str(error).partition(';')[0]}; waiting for it")
            warned = True
            time.sleep(_POLL)


def _lock(descriptor: int, folder: Path, say: Say) -> bool:
    """Take the kernel's lock and return True, or check the claim if there are no locks."""
    if fcntl is None:
        reason = "this Python has no file locks"
    else:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError as error:
            if error.errno in _BUSY:
                raise _in_use(folder, _claimant(descriptor)[0]) from None
            reason = f"the file system has no locks ({error.strerror})"
    process, boot, host = _claimant(descriptor)
    if process and not _has_ended(process, boot) and age(folder / NAME) <= seconds():
        raise _in_use(folder, process, "" if boot == _boot() else f" on {host}")
    if reason not in _told:
        _told.add(reason)
        say(f"warning: {folder}: {reason}; do not let two processes work on it at once")
    return False


def _in_use(folder: Path, process: int, where: str = "") -> InUse:
    who = f"process {process}{where}" if process else "another process"
    if where:
        remedy = f"if that one was killed, try again in {seconds():g} seconds"
    else:
        remedy = "wait until it has ended, or stop it"
    return InUse(f"{folder} is in use by {who}; {remedy}")


def _is_still(file: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(file), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _claim(descriptor: int) -> None:
    """Record the holder; on a full disk the lock is valid all the same."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()} {_boot()} {socket.gethostname()}\n".encode())


def _claimant(descriptor: int) -> tuple[int, str, str]:
    """Return process, boot and host of the holder; 0 and empty texts where nothing is stated."""
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        process, boot, host = os.read(descriptor, 500).decode().split()
        return int(process), boot, host
    except (OSError, ValueError):
        return 0, "", ""


def _claimant_of(folder: Path) -> tuple[int, str, str]:
    try:
        descriptor = os.open(folder / NAME, os.O_RDONLY)
    except OSError:
        return 0, "", ""
    try:
        return _claimant(descriptor)
    finally:
        os.close(descriptor)


def _has_ended(process: int, boot: str) -> bool:
    if not process or boot != _boot():  # of other machines and containers nothing is known
        return False
    if process == os.getpid():  # an earlier process of this number, or a lock of our own
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _boot() -> str:
    """Return an identifier of where process numbers hold: this boot, this container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}.{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return "-"
