"""Files of vectors: which format one has, and reading and writing it.

| format | suffix, where it is written | mapped |
| --- | --- | --- |
| word2vec, fastText or GloVe text | .txt .vec, also with .gz | no |
| word2vec binary | .bin | through an index of the rows |
| safetensors | .safetensors | yes |

The content tells the format of a file that is read, whatever its name, also within gzip, xz or
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
from nntasks.plugins.embeddings.vectors import WordVectors
from nntasks.storage import compression

Format = Literal["text", "binary", "safetensors"]

SUFFIXES: dict[str, Format] = {
    ".txt": "text",
    ".vec": "text",
    ".bin": "binary",
    ".safetensors": "safetensors",
}
# The first two also hold counts and output vectors.
IN_A_RUN = ("vectors.safetensors", "checkpoints/final/model.safetensors", "vectors.bin")
_KINDS = ", ".join(SUFFIXES) + ", .txt.gz, .vec.gz"
_LOOK = 1 << 16  # bytes that tell a format
_BOM = b"\xef\xbb\xbf"


def find_vectors(path: Path) -> Path:
    """Return the file of vectors that `path`, a file or the folder of a run, stands for.

    Raises:
        UsageError: there is none.
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
) -> WordVectors:
    """Read the vectors of a file, or of a run's folder.

    Args:
        path: see above.
        memory_map: leave the numbers on disk until they are used, where the format allows it.
        limit: words that are read, from the beginning; the rest of the file is not held in memory.
        encoding: of the words in text and binary files, one that holds ASCII.
        errors: what becomes of bytes that are not in the encoding: "strict", an error; "replace",
            a mark in their place; "ignore", nothing.
        counts: file of a word and how often it was seen a line, as word2vec writes its vocabulary;
            words that it lacks were seen 0 times.

    Of a word that comes again the first vector is kept, with a warning.

    Raises:
        UsageError: the file is not there, is of no known format, or its content is wrong: a header
            that does not fit, an end too early, words in another encoding, numbers not finite
            (mapped files are looked through for these when their numbers are used).
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
    return vectors if counts is None else with_counts(vectors, Path(counts))


def write_vectors(vectors: WordVectors, path: Path | str) -> None:
    """Write vectors in the format that the suffix names; the file is there whole or not at all.

    Text and binary hold words and vectors; safetensors counts and output vectors, too.

    Raises:
        UsageError: an unknown suffix, or a word that the format cannot hold.
        RunFailed: the file cannot be written.
    """
    path = Path(path)
    kind = _by_suffix(path)
    if kind is None or (path.suffix == ".gz" and kind != "text"):
        raise UsageError(f"{path}: expected a name that ends in one of {_KINDS}")
    writers: dict[Format, Callable[[WordVectors, Path], None]] = {
        "text": text_format.write,
        "binary": binary_format.write,
        "safetensors": safetensors_format.write,
    }
    writers[kind](vectors, path)


def format_of(path: Path) -> Format:
    """Tell the format by the content of the file, else by its suffix.

    Raises:
        UsageError: it looks like none.
    """
    with compression.open_content(path) as file:
        start = file.read(_LOOK)
    found = _by_look(start, path.stat().st_size) or _by_suffix(path)
    if found is None:
        raise UsageError(
            f"{path} looks like no file of vectors; expected one of {_KINDS}: a word and its "
            "numbers a line, or what word2vec or this project write"
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
    """Say whether a line, which may be cut off, is a word and numbers."""
    parts = line[:_LOOK].split()
    if len(line) >= _LOOK - LONGEST_HEADER:
        parts = parts[:-1]  # the last number may be cut
    try:
        return len(parts) > 1 and all(math.isfinite(float(part)) for part in parts[-1:])
    except ValueError:
        return False
