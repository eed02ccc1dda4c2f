"""Vectors as safetensors: named arrays without executable content.

| tensor | |
| --- | --- |
| `vectors` | (V, D) float32 |
| `words` | uint8: the words in UTF-8, a zero byte after each |
| `counts` | (V,) int64, occurrences of each word; optional |
| `output` | (V, D) float32, the output vectors; optional |
| `own` | (V, D) float32, the rows of words beside those of their n-grams; optional |
| `ngrams` | (U, D) float32, the rows of n-grams; with `own` |
| `buckets` | (U,) int64, rising, the bucket of each row of `ngrams` |
| `ngram_sizes` | (3,) int64: fewest and most characters, and the number of buckets |
| `attribute.NAME` | (V,) int64 or float64, another attribute of each word; optional |
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.file_checks import check_finite, check_words, check_writable
from nntasks.plugins.embeddings.keyed.storage import COUNT, Storage
from nntasks.plugins.embeddings.subwords.vectors import NgramSizes, NgramTable, SubwordVectors
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.storage import atomic_write

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "U8": "u1"}
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}
_ROWS = 1 << 14  # rows written at a time
_ATTRIBUTE = "attribute."


def read(path: Path, *, memory_map: bool = False) -> KeyedVectors:
    """Read a file. If mapped, only its words and counts are read now."""
    arrays = _mapped_arrays(path)
    missing = [name for name in ("vectors", "words") if name not in arrays]
    if missing:
        raise UsageError(
            f"{path}: expected the tensors vectors and words, {' and '.join(missing)} is missing; "
            f"it holds {', '.join(sorted(arrays)) or 'none'}"
        )
    vectors = from_arrays(arrays, path)
    if not memory_map:
        vectors.matrix = np.array(vectors.matrix, dtype=np.float32)
        if isinstance(vectors, SubwordVectors):
            vectors.own = np.array(vectors.own, dtype=np.float32)
            vectors.table.rows = np.array(vectors.table.rows, dtype=np.float32)
            _check_rows(vectors, path)
        check_finite(vectors.matrix, vectors.words, path)
    return vectors


def _mapped_arrays(path: Path) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="np"):
            pass  # checks that the header is valid and the file complete
        with open(path, "rb") as file:
            start = 8 + int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(start - 8))
    except (SafetensorError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path} is not a readable safetensors file: {reason}") from error
    return {
        name: _mapped(path, start, entry, name)
        for name, entry in header.items()
        if name != "__metadata__"
    }


def _mapped(path: Path, start: int, entry: Mapping[str, Any], name: str) -> np.ndarray:
    if entry["dtype"] not in _TYPES:
        raise UsageError(f"{path}: tensor {name} has the type {entry['dtype']}; expected F32")
    dtype, shape = np.dtype(_TYPES[entry["dtype"]]), tuple(entry["shape"])
    if 0 in shape:
        return np.empty(shape, dtype)
    return np.memmap(path, dtype, "r", start + entry["data_offsets"][0], shape)


def to_arrays(vectors: Storage) -> dict[str, np.ndarray]:
    """Return the arrays of `vectors`, by the names above."""
    words = b"".join(str(word).encode() + b"\0" for word in vectors.words)
    arrays = {"vectors": vectors.matrix, "words": np.frombuffer(words, dtype=np.uint8)}
    for name, values in vectors.attributes.items():
        if values.dtype.kind not in "biuf":
            raise UsageError(
                f"expected numbers as attributes of words to save, but {name!r} holds other values"
            )
        stored = "counts" if name == COUNT else _ATTRIBUTE + name
        arrays[stored] = values.astype("<f8" if values.dtype.kind == "f" else "<i8", copy=False)
    if vectors.output is not None:
        arrays["output"] = vectors.output
    if isinstance(vectors, SubwordVectors):
        table = vectors.table
        arrays |= {"own": vectors.own, "ngrams": table.rows, "buckets": table.buckets}
        arrays["ngram_sizes"] = np.array(astuple(table.sizes), np.int64)
    return arrays


def from_arrays(arrays: Mapping[str, Any], path: Path | None = None) -> KeyedVectors:
    """Return the vectors of arrays from `to_arrays`; `path` is for messages.

    Raises:
        UsageError: the words are not UTF-8 or not distinct, or their number is not that of the
            vectors.
    """
    where = path or Path("vectors")
    content = np.asarray(arrays["words"], dtype=np.uint8).tobytes()
    try:
        words = content.decode("utf-8").split("\0")[:-1]
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: words are not UTF-8 at byte {error.start}") from error
    check_words(words, where)
    counts = arrays.get("counts")
    counts = None if counts is None else np.array(counts, dtype=np.int64)
    kind = SubwordVectors if "own" in arrays else KeyedVectors
    try:
        made = kind.of(words, arrays["vectors"], counts, arrays.get("output"))
        if isinstance(made, SubwordVectors):
            made.with_ngrams(arrays["own"], _ngram_table(arrays))
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error
    for name in arrays:
        if name.startswith(_ATTRIBUTE):
            made.attributes[name.removeprefix(_ATTRIBUTE)] = np.array(arrays[name])
    return made


def _ngram_table(arrays: Mapping[str, Any]) -> NgramTable:
    absent = [name for name in ("ngrams", "buckets", "ngram_sizes") if name not in arrays]
    if absent:
        raise UsageError(f"expected the rows of n-grams beside own, {', '.join(absent)} is missing")
    sizes = np.asarray(arrays["ngram_sizes"])
    buckets = np.array(arrays["buckets"], dtype=np.int64)
    if sizes.shape != (3,) or not sizes[0] >= 1 or (np.diff(buckets) <= 0).any():
        raise UsageError("expected ngram_sizes of three numbers from 1, and rising buckets")
    if len(buckets) and not 0 <= buckets[0] <= buckets[-1] < sizes[2]:
        raise UsageError(f"expected buckets from 0 to {sizes[2] - 1}")
    return NgramTable(NgramSizes(*sizes.tolist()), buckets, arrays["ngrams"])


def _check_rows(vectors: SubwordVectors, path: Path) -> None:
    check_finite(vectors.own, vectors.words, path)
    names = [f"n-grams of bucket {bucket}" for bucket in vectors.table.buckets.tolist()]
    check_finite(vectors.table.rows, names, path)


def read_metadata(path: Path) -> dict[str, str]:
    """Return the texts that `write` was given to store beside the arrays."""
    from safetensors import safe_open

    with safe_open(str(path), framework="np") as file:
        return dict(file.metadata() or {})


def write(vectors: Storage, path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write a file row by row, without a copy of the matrix."""
    check_writable(vectors, "\0", path)
    arrays = to_arrays(vectors)
    header: dict[str, Any] = {"__metadata__": {"format": "nntasks-vectors", **(metadata or {})}}
    offset = 0
    for name, array in arrays.items():
        dtype = _stored_type(array)
        size = dtype.itemsize * int(np.prod(array.shape, dtype=np.int64))
        header[name] = {
            "dtype": _NAMES[dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + size],
        }
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with atomic_write.opened(path) as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            for start in range(0, array.shape[0], _ROWS):
                rows = np.asarray(array[start : start + _ROWS], dtype=_stored_type(array))
                file.write(rows.tobytes())


def _stored_type(array: Any) -> np.dtype:
    """Return float32 for vectors, else the array's own type."""
    return np.dtype("<f4") if len(array.shape) == 2 else np.dtype(array.dtype).newbyteorder("<")
