"""Text files: finding, decompressing, and cutting into pieces between words."""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from nntasks.errors import RunFailed, UsageError
from nntasks.plugins.word2vec.corpus.reference import SPACE
from nntasks.storage import compression
from nntasks.storage.listing import files_below

TEXT = (".txt", ".text")
LONGEST_WORD = 65_536  # bytes; a longer word is refused, so that buffers stay small
PIECE = 1 << 20  # bytes
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Source:
    """A text file.

    Attributes:
        path: the file, as given.
        size: size on disk, in bytes.
        modified: modification time in ns.
        head: hash of its first 64 KiB, because file systems have coarse clocks.
    """

    path: Path
    size: int
    modified: int
    head: str


@dataclass(frozen=True)
class Piece:
    """A part of a text that begins and ends between words.

    Attributes:
        source: its file.
        offset: its start in the decompressed text, in bytes.
        data: the bytes.
        last: whether the text ends here.
    """

    source: Source
    offset: int
    data: bytes
    last: bool


def find(paths: str | Path | Iterable[str | Path]) -> list[Source]:
    """Return the files that `paths` name; a folder stands for all texts in it.

    Raises:
        UsageError: a path does not exist, or a folder contains no text.
    """
    named = [paths] if isinstance(paths, (str, Path)) else list(paths)
    files = [file for path in named for file in _files(Path(path))]
    if not files:
        raise UsageError("no texts: expected the path of a file or folder, got none")
    return [_source(file) for file in files]


def _source(path: Path) -> Source:
    try:
        stat = path.stat()
        with open(path, "rb") as file:
            head = file.read(1 << 16)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror or error})") from error
    compression.check_name(path, head[: compression.HEADER])
    return Source(path, stat.st_size, stat.st_mtime_ns, hashlib.sha256(head).hexdigest())


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"{path}: expected a text or a folder with texts, found nothing there")
    found = [file for file in files_below(path) if _is_text(file)]
    if not found:
        raise UsageError(
            f"{path}: a directory without text: expected files that end in "
            f"{', '.join((*TEXT, *compression.SUFFIXES))}, found none"
        )
    return sorted(found, key=lambda file: file.relative_to(path).as_posix())


def _is_text(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    return suffixes[-1:] != [] and (
        suffixes[-1] in TEXT or (suffixes[-1] in compression.SUFFIXES and ".tar" not in suffixes)
    )


def pieces(
    source: Source, advance: Callable[[int], None], encoding: str = "utf-8", errors: str = "strict"
) -> Iterator[Piece]:
    """Yield a text in pieces of about a MiB; `advance` is told the bytes read from the disk.

    A text in another encoding is converted to UTF-8; places are those in the converted text.

    Raises:
        UsageError: the file cannot be read or unpacked, has bytes outside its encoding, or a word
            is longer than `LONGEST_WORD`.
        RunFailed: the file changed while it was read.
    """
    offset, rest = 0, b""
    blocks = _blocks(source, advance)
    if not _is_utf8(encoding):
        blocks = _converted(blocks, source, encoding, errors)
    for data in blocks:
        text = rest + data if rest else data
        if offset == 0:
            _refuse_archive(source, text)
        if offset == 0 and text.startswith(_BOM):
            offset, text = len(_BOM), text[len(_BOM) :]
        cut = _last_space(text)
        if cut:
            yield Piece(source, offset, text[:cut], False)
        offset, rest = offset + cut, text[cut:]
        if len(rest) > LONGEST_WORD + 2:  # what begins a wide space may stand behind a word
            raise too_long(source, offset)
    yield Piece(source, offset, rest, True)
    now = os.stat(source.path)
    if (now.st_size, now.st_mtime_ns) != (source.size, source.modified):
        raise RunFailed(f"{source.path} was changed while it was read; start again")


def _refuse_archive(source: Source, start: bytes) -> None:
    """Refuse an archive, whose headers would otherwise be read as words."""
    if start[257:262] == b"ustar" or start.startswith(b"PK\x03\x04"):
        raise UsageError(f"{source.path} is an archive; unpack it, and name the texts in it")


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")


def _converted(
    blocks: Iterator[bytes], source: Source, encoding: str, errors: str
) -> Iterator[bytes]:
    """Yield blocks of another encoding as UTF-8."""
    decoder, done = codecs.getincrementaldecoder(encoding)(errors), 0
    for block in chain(blocks, (b"",)):
        held = len(decoder.getstate()[0])  # of a character that a block has cut
        try:
            text = decoder.decode(block, not block).encode("utf-8", errors)
        except UnicodeError as error:
            place = done - held + getattr(error, "start", 0)
            raise UsageError(
                f"{source.path}: byte {place} is not {encoding} ({getattr(error, 'reason', error)})"
                "; is it the encoding of this text? data.errors=ignore or replace reads on"
            ) from error
        done += len(block)
        if text:
            yield text


def too_long(source: Source, offset: int) -> UsageError:
    """Return the error for a word that is none."""
    return UsageError(
        f"{source.path}: a word of more than {LONGEST_WORD:,} bytes begins at byte {offset}; "
        "expected a text with white space between words"
    )


def _last_space(text: bytes) -> int:
    """Return where the last white space ends; 0 where there is none."""
    for reach in (256, LONGEST_WORD + 8, len(text)):
        start = max(len(text) - reach, 0)
        ends = [match.end() for match in SPACE.finditer(text, start)]
        if ends:
            return ends[-1]
    return 0


def _blocks(source: Source, advance: Callable[[int], None]) -> Iterator[bytes]:
    try:
        with open(source.path, "rb") as raw:
            opened = compression.opener(raw.peek(compression.HEADER)[: compression.HEADER])
            stream, done = opened(raw) if opened else raw, 0
            while data := stream.read(PIECE):
                here = raw.tell()
                advance(here - done)
                done = here
                yield data
    except compression.BROKEN as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(
            f"{source.path} cannot be read to its end ({why}); is the file whole?"
        ) from error
