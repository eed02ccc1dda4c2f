"""Claims on pieces of work that processes of several machines share, without locks.

The claims on a folder are the files 0, 1, 2, ... in its folder `claims`. A process claims the
folder by creating the next number, which O_EXCL grants to one alone, on NFS and Lustre as well. The
newest number counts. Its owner touches it (`nntasks.storage.heartbeat`), and writes into it how the
work ended. If it has ended, or the owner shows no sign of life, the next number may be created; the
old owner notices, should it be alive after all. Nothing is ever deleted or renamed, so that no name
means two claims, and nobody can delete the claim of a successor by mistake.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.storage import heartbeat
from nntasks.storage.failures import cannot_write

FOLDER = "claims"
_ENDED = "ended "  # starts the line with the exit code
_REMEDY = "choose another folder with --out"


@dataclass(frozen=True)
class Status:
    """The newest claim on a folder.

    Attributes:
        number: of the claim, from 0; -1 if there is none.
        owner: the words that the owner gave.
        code: the exit code of the work; None if it has not ended, or its owner was killed.
        age: seconds since the owner's last sign of life.
    """

    number: int = -1
    owner: str = ""
    code: int | None = None
    age: float = float("inf")

    @property
    def is_free(self) -> bool:
        """Whether the folder may be claimed."""
        return self.number < 0 or self.code is not None or self.age > heartbeat.seconds()


class Claim:
    """A claim of this process; touched until it is released."""

    def __init__(self, file: Path, on_loss: Callable[[], None]) -> None:
        self._file = file
        next_one = file.with_name(str(int(file.name) + 1))
        self._heartbeat = heartbeat.Heartbeat(file, next_one.exists, on_loss)

    def release(self, code: int) -> None:
        """Say how the work ended; from now on the folder may be claimed again."""
        self._heartbeat.stop()
        try:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{_ENDED}{code}\n")
        except OSError:  # a full disk: an old file says at least that nobody is at work
            with contextlib.suppress(OSError):
                os.utime(self._file, (0, 0))


def status(folder: Path) -> Status:
    """Return the newest claim on a folder.

    Raises:
        UsageError: the folder cannot be written.
    """
    number = _newest(folder / FOLDER)
    if number < 0:
        return Status()
    file = folder / FOLDER / str(number)
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        owner = lines[0] if lines else ""
        code = next((_number(line) for line in lines[1:] if line.startswith(_ENDED)), None)
        age = float("inf") if code is not None else heartbeat.age(file)
    except OSError as error:
        raise UsageError(cannot_write(file, error, _REMEDY)) from error
    return Status(number, owner, code, age)


def take(folder: Path, owner: str, on_loss: Callable[[], None]) -> Claim | None:
    """Claim a folder; return None if a living process holds it.

    Args:
        folder: is created if necessary.
        owner: words of one line that identify this attempt.
        on_loss: called in a thread if another process takes the folder, which only happens if this
            one was suspended or cut off from the disk for longer than `heartbeat.seconds`. It must
            end the work at once.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        before = status(folder)
        if not before.is_free:
            return None
        file = folder / FOLDER / str(before.number + 1)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:  # another process was faster
        return None
    except OSError as error:
        raise UsageError(cannot_write(folder, error, _REMEDY)) from error
    try:
        os.write(descriptor, f"{owner} on {socket.gethostname()}\n".encode())
    except OSError:
        pass  # a full disk: the claim holds without words
    finally:
        os.close(descriptor)
    return Claim(file, on_loss)


def _newest(folder: Path) -> int:
    try:
        return max((int(name) for name in os.listdir(folder) if name.isdecimal()), default=-1)
    except FileNotFoundError:
        return -1


def _number(line: str) -> int | None:
    text = line.removeprefix(_ENDED).strip()
    return int(text) if text.lstrip("-").isdecimal() else None
