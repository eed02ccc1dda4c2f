"""The output folder of `predict`, which replaces only files of an earlier `predict`.

The hidden file `.predictions` lists the written files, one JSON line `[name, SHA-256]` each. A file
that is not listed or was changed belongs to the user; the new file then gets a number.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.storage import atomic_write
from nntasks.storage.failures import cannot_write

TABLES = ("predictions.json", "predictions.csv")
_LIST = ".predictions"
_LONGEST = 255  # longest file name in bytes, on common file systems
_NUMBER = 8  # bytes reserved for a number


class OutputFolder:
    """A folder of predictions.

    Args:
        path: the folder, created if missing.
        sources: the files to predict.

    Raises:
        UsageError: the folder cannot be written, contains a source, or has a table of the user.
    """

    def __init__(self, path: Path, sources: Sequence[Path]) -> None:
        self.path = path
        self.written: list[Path] = []
        real = os.path.realpath(path)
        inside = next((s for s in sources if os.path.realpath(s.parent) == real), None)
        if inside is not None:
            raise UsageError(
                f"--out {path} is the folder of {inside.name}, which is an input; choose "
                "another --out"
            )
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(cannot_write(path, error, "choose another --out")) from error
        self._sources = set(_identities(sources))
        self._ours = self._read_list()
        self._used: set[str] = set()
        for name in TABLES:
            if not self._may_write(name):
                raise UsageError(
                    f"{path / name} was not written by predict; move it, or choose another --out"
                )

    def write(self, source: Path, contents: Mapping[str, bytes]) -> None:
        """Write files named after a source: its stem followed by each key."""
        for stem in _stems(source.stem, max(len(os.fsencode(ending)) for ending in contents)):
            names = [stem + ending for ending in contents]
            if self._used.isdisjoint(names) and all(map(self._may_write, names)):
                break
        for name, content in zip(names, contents.values(), strict=True):
            self._write(name, content)

    def write_table(self, name: str, text: str) -> None:
        """Write one of `TABLES`."""
        self._write(name, text.encode("utf-8", "backslashreplace"))

    def _write(self, name: str, content: bytes) -> None:
        self._used.add(name)
        self._ours[name] = hashlib.sha256(content).hexdigest()
        with open(self.path / _LIST, "a", encoding="ascii") as file:
            file.write(json.dumps([name, self._ours[name]]) + "\n")
        atomic_write.write_bytes(self.path / name, content)
        self.written.append(self.path / name)

    def _read_list(self) -> dict[str, str]:
        try:
            lines = (self.path / _LIST).read_text(encoding="ascii").splitlines()
            return dict(json.loads(line) for line in lines)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError) as error:
            raise UsageError(
                f"{self.path / _LIST} is damaged; remove it, or choose another --out"
            ) from error

    def _may_write(self, name: str) -> bool:
        path = self.path / name
        if not os.path.lexists(path):
            return True
        if name not in self._ours or path.is_symlink() or self._sources & set(_identities([path])):
            return False
        try:
            return hashlib.sha256(path.read_bytes()).hexdigest() == self._ours[name]
        except OSError:
            return False


def _stems(stem: str, ending: int) -> Iterator[str]:
    """Yield a stem, then the stem with 2, 3 and so on, short enough for the longest suffix."""
    most = _LONGEST - ending - _NUMBER
    if len(os.fsencode(stem)) > most:
        mark = "-" + hashlib.sha256(os.fsencode(stem)).hexdigest()[:8]
        while len(os.fsencode(stem)) > most - len(mark):
            stem = stem[:-1]
        stem += mark
    yield stem
    for number in count(2):
        yield f"{stem}-{number}"


def _identities(paths: Sequence[Path]) -> Iterator[tuple[int, int]]:
    for path in paths:
        try:
            status = path.stat()
        except OSError:  # it does not exist, so nothing can be lost
            continue
        yield status.st_dev, status.st_ino
