"""A fingerprint of a run's data, kept with its checkpoints and compared by `--resume`.

A digest of each part covers names, labels, arrays and file contents, in order. It covers neither
paths nor times, so moved data are still the same data. Large files, large arrays and large numbers
of files are sampled evenly.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from nntasks.config import Options
from nntasks.interfaces import Split, Splits
from nntasks.seeding import Seeds

PARTS = ("train", "validation", "test")
_BLOCK = 1 << 16  # bytes of a sample
_WHOLE = 1 << 28  # bytes of a file or an array that are read whole
_SAMPLES = 1 << 12  # of a larger one
_MOST_FILES = 10_000  # of a part whose content is read
_DEEPEST = 20
_NO_DATA = (Options, Seeds, ModuleType, type)


def fingerprint(splits: Splits) -> dict[str, Any]:
    """Return the class names, and the size and digest of each part, as plain JSON values."""
    done: dict[int, dict[str, Any]] = {}
    found: dict[str, Any] = {"classes": [str(name) for name in splits.info.classes]}
    for part in PARTS:
        split = getattr(splits, part)
        if split is not None and len(split):
            if id(split) not in done:  # validation may be the test split
                done[id(split)] = {"samples": len(split), "sha256": _Digest().of(split)}
            found[part] = done[id(split)]
    return found


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Describe the first difference of two fingerprints; empty if there is none."""
    if before.get("classes") != now.get("classes"):
        return f"classes were {_some(before.get('classes'))}, are {_some(now.get('classes'))}"
    for part in PARTS:
        old, new = before.get(part) or {}, now.get(part) or {}
        if old.get("samples", 0) != new.get("samples", 0):
            return f"{part} had {old.get('samples', 0)} samples, has {new.get('samples', 0)}"
        if old != new:
            return f"{part} still has {new['samples']} samples, but their content or order changed"
    return ""


def _some(names: Any) -> str:
    names = list(names or ())
    return f"{len(names)} ({', '.join(map(str, names[:3]))}{', ...' if len(names) > 3 else ''})"


class _Digest:
    """One pass over the content of a split."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._files: list[Path] = []
        self._open: set[int] = set()  # objects being visited, to detect cycles

    def of(self, split: Any) -> str:
        self._add(split, 0)
        step = -(-len(self._files) // _MOST_FILES) or 1
        for number, path in enumerate(self._files):
            self._word("file", path.name, _size(path))
            if number % step == 0:
                self._content(path)
        return self._hash.hexdigest()

    def _word(self, *values: Any) -> None:
        for value in values:
            text = str(value).encode("utf-8", "surrogateescape")
            self._hash.update(b"%d:" % len(text) + text)

    def _add(self, value: Any, depth: int) -> None:
        if value is None or isinstance(value, (bool, int, float, complex)):
            self._word(type(value).__name__, repr(value))
        elif isinstance(value, str):
            self._word("text", _without_place(value))
        elif isinstance(value, (bytes, bytearray, memoryview)):
            self._word("bytes", len(value))
            self._hash.update(value)
        elif isinstance(value, os.PathLike):
            self._path(Path(value))
        elif isinstance(value, _NO_DATA) or depth > _DEEPEST or id(value) in self._open:
            self._word("skipped")
        else:
            self._open.add(id(value))
            self._add_compound(value, depth + 1)
            self._open.discard(id(value))

    def _add_compound(self, value: Any, depth: int) -> None:
        array = _as_array(value)
        if array is not None:
            self._array(array, depth)
            return
        kind = type(value)
        self._word(kind.__qualname__)
        for item in _inside(value):
            self._add(item, depth)
        self._word("end")

    def _path(self, path: Path) -> None:
        self._word("path")
        if path.is_file():
            self._word(_without_place(str(path)))
            self._files.append(path)

    def _array(self, array: Any, depth: int) -> None:
        self._word("array", array.dtype.str, array.shape)
        if array.dtype.hasobject:
            self._add(array.tolist(), depth)
            return
        flat = array.reshape(-1)
        if flat.nbytes <= _WHOLE:
            self._hash.update(flat.view("u1") if flat.flags.c_contiguous else flat.tobytes())
            return
        count = max(_BLOCK // flat.itemsize, 1)
        for sample in range(_SAMPLES):
            start = sample * (len(flat) - count) // (_SAMPLES - 1)
            self._hash.update(flat[start : start + count].tobytes())

    def _content(self, path: Path) -> None:
        size = _size(path)
        single = len(self._files) < 100  # a text file; pictures are small
        try:
            with open(path, "rb") as file:
                for start in _starts(size, single):
                    file.seek(start)
                    self._hash.update(file.read(_BLOCK))
        except OSError:  # reading the data reports the error
            self._word("unreadable")


def _starts(size: int, single: bool) -> Iterator[int]:
    """Yield the offsets at which blocks of a file are read."""
    if single and size <= _WHOLE:
        yield from range(0, size, _BLOCK)
    elif single:
        yield from (number * (size - _BLOCK) // (_SAMPLES - 1) for number in range(_SAMPLES))
    else:
        yield from {0, max(size - _BLOCK, 0)}


def _inside(value: Any) -> Iterator[Any]:
    """Yield the components of an object in a fixed order."""
    if isinstance(value, Split):
        yield value.contents()
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, item)
    elif isinstance(value, (list, tuple)):
        yield from value
    elif isinstance(value, (set, frozenset)):
        yield from sorted(map(repr, value))
    elif isinstance(value, functools.partial):
        yield from (value.func, value.args, value.keywords)
    elif isinstance(value, MethodType):
        yield from (value.__func__, value.__self__)
    elif isinstance(value, FunctionType):
        yield value.__qualname__
        for cell in value.__closure__ or ():
            yield cell.cell_contents
    elif not isinstance(value, BuiltinFunctionType):
        yield from getattr(value, "__dict__", {}).values()
        for base in type(value).__mro__:
            slots = base.__dict__.get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                yield getattr(value, name, None)


def _as_array(value: Any) -> Any:
    """Return a NumPy or torch array or number as a NumPy array; None for anything else."""
    kind = type(value)
    if kind.__module__.partition(".")[0] == "torch" and hasattr(value, "untyped_storage"):
        import torch

        return value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy()
    if hasattr(value, "__array_interface__") and hasattr(value, "dtype"):
        import numpy as np

        return np.asarray(value)
    return None


def _without_place(text: str) -> str:
    """Return the last two parts of a path; other text is returned unchanged."""
    return "/".join(Path(text).parts[-2:]) if os.sep in text and "\n" not in text else text


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
