"""Reading and writing vector files in any supported format.

| format | suffix when writing | mapped |
| --- | --- | --- |
| word2vec, fastText or GloVe text | .txt .vec, also with .gz | no |
| word2vec binary | .bin | through an index of the rows |
| safetensors | .safetensors | yes |

When reading, the content decides the format, whatever the file's name, also within gzip, xz or
bzip2. The folder of a run stands for the vectors in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from nntasks.errors import UsageError
from nntasks.plugins.embeddings import binary_format, safetensors_format, text_format
from nntasks.plugins.embeddings.count_files import with_counts
from nntasks.plugins.embeddings.file_checks import LONGEST_HEADER
from nntasks.plugins.embeddings.reading import Errors, Reading
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.storage import compression

Format = Literal["text", "binary", "safetensors"]

SUFFIXES: dict[str, Format] = {
    ".txt": "text",
    ".vec": "text",
    ".bin": "binary",
    ".safetensors": "safetensors",
}
# The first two also contain counts and output vectors.
IN_A_RUN = ("vectors.safetensors", "checkpoints/final/model.safetensors", "vectors.bin")
_KINDS = ", ".join(SUFFIXES) + ", .txt.gz, .vec.gz"
_LOOK = 1 << 16  # bytes that identify a format
_BOM = b"\xef\xbb\xbf"


def find_vectors(path: Path) -> Path:
    """Return the file of vectors that `path`, a file or the folder of a run, stands for.

    Raises:
        UsageError: there is no such file.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise UsageError(
            f"vectors: expected a file ({_KINDS}) or the folder of a run, found nothing at {path}"
        )
    for name in IN_A_RUN:
        if (path / name).is_file():
            return path / name
    raise UsageError(
        f"{path} holds no vectors: expected {' or '.join(IN_A_RUN)} in the folder of a run; if "
        "its training was stopped, finish it with --resume"
    )


def read_vectors(
    path: Path | str,
    *,
    memory_map: bool = False,
    limit: int | None = None,
    encoding: str = "utf-8",
    errors: Errors = "strict",
    counts: Path | str | None = None,
) -> KeyedVectors:
    """Read the vectors of a file, or of a run's folder.

    Args:
        path: see above.
        memory_map: leave the numbers on disk until used, if the format allows it.
        limit: number of words to read from the start; the rest is not kept in memory.
        encoding: encoding of the words in text and binary files, a superset of ASCII.
        errors: how bytes outside the encoding are handled: an error ("strict"), a replacement
            character ("replace"), or removal ("ignore").
        counts: file of one word and its count per line, like the vocabulary file of word2vec;
            absent words get 0.

    Of duplicate words the first vector is kept, with a warning.

    Raises:
        UsageError: the file is missing, of unknown format, or damaged: a wrong header, a truncated
            end, words in another encoding, or numbers that are not finite (mapped files are
            checked for these on use).
    """
    path = find_vectors(Path(path))
    reading = Reading(limit, encoding, errors)
    try:
        kind = format_of(path)
        if kind == "text":
            vectors = text_format.read(path, reading)
        elif kind == "binary":
            vectors = binary_format.read(path, reading, memory_map=memory_map)
        else:
            vectors = safetensors_format.read(path, memory_map=memory_map)
            vectors = vectors if limit is None else vectors.first(limit)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    if not len(vectors):
        raise UsageError(f"{path}: expected words with vectors, got none that can be read")
    return vectors if counts is None else with_counts(vectors, Path(counts))


def write_vectors(vectors: KeyedVectors, path: Path | str) -> None:
    """Write vectors in the format of the suffix; the file is written completely or not at all.

    Text and binary store words and vectors; safetensors also counts and output vectors.

    Raises:
        UsageError: the suffix is unknown, or the format cannot store a word.
        RunFailed: the file cannot be written.
    """
    path = Path(path)
    kind = _by_suffix(path)
    if kind is None or (path.suffix == ".gz" and kind != "text"):
        raise UsageError(f"{path}: expected a name that ends in one of {_KINDS}")
    writers: dict[Format, Callable[[KeyedVectors, Path], None]] = {
        "text": text_format.write,
        "binary": binary_format.write,
        "safetensors": safetensors_format.write,
    }
    writers[kind](vectors, path)


def format_of(path: Path) -> Format:
    """Detect the format by the content of the file, else by its suffix.

    Raises:
        UsageError: the format is unknown.
    """
    with compression.open_content(path) as file:
        start = file.read(_LOOK)
    found = _by_look(start, path.stat().st_size) or _by_suffix(path)
    if found is None:
        raise UsageError(
            f"{path} is not a known vector file; expected one of {_KINDS}: a word and its "
            "numbers per line, or a file written by word2vec or this project"
        )
    return found


def _by_suffix(path: Path) -> Format | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in compression.SUFFIXES:
        suffixes.pop()
    return SUFFIXES.get(suffixes[-1]) if suffixes else None


def _by_look(start: bytes, size: int) -> Format | None:
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < size:
        return "safetensors"
    first, _, rest = start.removeprefix(_BOM).partition(b"\n")
    if _is_row(first):
        has_header = len(first.split()) == 2 and all(part.isdigit() for part in first.split())
        if has_header and rest and not _is_row(rest.partition(b"\n")[0]):
            return "binary"
        return "text"
    return None


def _is_row(line: bytes) -> bool:
    """Return whether a line, which may be cut off, is a word and numbers."""
    parts = line[:_LOOK].split()
    if len(line) >= _LOOK - LONGEST_HEADER:
        parts = parts[:-1]  # the last number may be cut
    try:
        return len(parts) > 1 and all(math.isfinite(float(part)) for part in parts[-1:])
    except ValueError:
        return False
