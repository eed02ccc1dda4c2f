"""Files of vectors: which format one has, and reading and writing it.

| format | suffix | mapped |
| --- | --- | --- |
| word2vec text | .txt .vec, also with .gz | no |
| word2vec binary | .bin | through an index of the rows |
| safetensors | .safetensors | yes |

A file with another suffix is told by its beginning. The folder of a run stands for the vectors
in it.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from nntasks.errors import UsageError
from nntasks.plugins.embeddings import binary_format, safetensors_format, text_format
from nntasks.plugins.embeddings.vectors import WordVectors

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
_LOOK = 512  # bytes that tell a format
_GZIP = b"\x1f\x8b"


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


def read_vectors(path: Path | str, *, memory_map: bool = False) -> WordVectors:
    """Read the vectors of a file, or of a run's folder.

    Args:
        path: see above.
        memory_map: leave the numbers on disk until they are used, where the format allows it.

    Raises:
        UsageError: the file is not there, is of no known format, or its content is wrong: a header
            that does not fit, an end too early, words twice or not in UTF-8, numbers not finite
            (mapped files are looked through for these when their numbers are used).
    """
    path = find_vectors(Path(path))
    try:
        kind = format_of(path)
        if kind == "text":
            return text_format.read(path)
        if kind == "binary":
            return binary_format.read(path, memory_map=memory_map)
        return safetensors_format.read(path, memory_map=memory_map)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{path} is a damaged .gz file: {error}") from error
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error


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
    """Tell the format by the suffix, else by the beginning of the file.

    Raises:
        UsageError: it looks like none.
    """
    return _by_suffix(path) or _by_look(path)


def _by_suffix(path: Path) -> Format | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return SUFFIXES.get(suffixes[-1]) if suffixes else None


def _by_look(path: Path) -> Format:
    with open(path, "rb") as file:
        start = file.read(_LOOK)
    if start.startswith(_GZIP):
        return "text"
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < path.stat().st_size:
        return "safetensors"
    header, _, rest = start.partition(b"\n")
    if len(header.split()) == 2 and header.replace(b" ", b"").strip().isdigit():
        numbers = rest.partition(b" ")[2]
        return "text" if set(numbers[:32]) <= set(b"+-.0123456789eE \r\n") else "binary"
    raise UsageError(
        f"{path} looks like no file of vectors; expected one of {_KINDS}, with a first line of the "
        "number of words and the size of a vector if it is text or binary"
    )
