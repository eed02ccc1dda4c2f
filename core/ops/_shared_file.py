"""Check the headers of a compiled library before loading it.

`dlopen` maps a file without checking its size. If the library was truncated, by a full disk or an
interrupted download, reading a missing page kills the process with SIGBUS. So the headers are
checked first. Source: System V ABI, chapter 4 (ELF header) and 5 (program header).
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import NamedTuple

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")  # of a 64-bit ELF file, little-endian
_SEGMENT = struct.Struct("<IIQQQQQQ")
_CLASS_AND_ORDER = slice(4, 6)  # within the first 16 bytes


class _Elf(NamedTuple):
    kind: bytes  # 32 or 64 bits, byte order
    machine: int
    needed: int  # smallest file size that the headers require


def why_not_loadable(file: Path) -> str:
    """Return the reason why a library cannot be loaded; empty if there is none.

    Where libraries are not ELF files, only missing and empty files are detected.
    """
    if not file.exists():
        return "no such file"
    try:
        size = file.stat().st_size
        if not file.is_file() or size == 0:
            return "the file is empty" if file.is_file() else "not a file"
        if not sys.platform.startswith("linux"):
            return ""
        found = _read(file)
        ours = _read(Path(sys.executable))
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
    if found is None:
        return "not a shared library"
    if ours is not None and found[:2] != ours[:2]:
        return "compiled for another processor"
    if size < found.needed:
        return f"the file is cut short: {size:,} of {found.needed:,} bytes"
    return ""


def _read(file: Path) -> _Elf | None:
    """Return the facts in the headers of an ELF file; None if there are none."""
    with file.open("rb") as stream:
        head = stream.read(_HEADER.size)
        if len(head) < _HEADER.size or head[:4] != b"\x7fELF":
            return None
        first, _, machine, _, _, segments, sections, _, _, each, count, size, number, _ = (
            _HEADER.unpack(head)
        )
        kind = first[_CLASS_AND_ORDER]
        if kind != b"\x02\x01":  # other word sizes have another layout
            return _Elf(kind, machine, 0)
        needed = [_HEADER.size, sections + size * number, segments + each * count]
        stream.seek(segments)
        table = stream.read(each * count)
    for at in range(0, len(table) - _SEGMENT.size + 1, max(each, _SEGMENT.size)):
        _, _, offset, _, _, in_file, _, _ = _SEGMENT.unpack_from(table, at)
        needed.append(offset + in_file)
    return _Elf(kind, machine, max(needed))
