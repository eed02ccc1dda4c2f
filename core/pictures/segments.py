"""The segments of JPEG, PNG and WebP files: separate metadata from pixels."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

_PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_WEBP_KEPT = (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF")
_WEBP_DESCRIBES = 0x20 | 0x08 | 0x04  # flags of VP8X: ICC profile, EXIF, XMP
_JPEG_KEPT = (0xE0, 0xEE)  # JFIF and Adobe: how colours are to be read
_SCAN = 0xDA


def png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, offset and length of each chunk of a PNG file, up to a truncated one."""
    offset = 8
    while True:
        file.seek(offset)
        head = file.read(8)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        yield kind, offset + 8, length
        offset += 12 + length


def png_without_descriptions(data: bytes, chunks: Iterator[tuple[bytes, int, int]]) -> bytes:
    """Return a PNG file without text, EXIF, profiles and further frames."""
    kept = (data[at - 8 : at + length + 4] for kind, at, length in chunks if kind in _PNG_KEPT)
    return data[:8] + b"".join(kept)


def jpeg_without_descriptions(data: bytes) -> tuple[bytes, bytes]:
    """Return a JPEG file without comments, EXIF, XMP and profiles, and its EXIF block."""
    parts, exif, offset = [data[:2]], b"", 2
    while offset + 4 <= len(data) and data[offset] == 0xFF and data[offset + 1] != _SCAN:
        kind = data[offset + 1]
        end = offset + 2 + int.from_bytes(data[offset + 2 : offset + 4], "big")
        segment = data[offset:end]
        if segment[4:10] == b"Exif\0\0":
            exif = exif or segment[4:]
        if not (0xE0 <= kind <= 0xEF or kind == 0xFE) or kind in _JPEG_KEPT:
            parts.append(segment)
        offset = end
    return b"".join(parts) + data[offset:], exif


def webp_without_descriptions(data: bytes) -> tuple[bytes, bytes]:
    """Return a WebP file without EXIF, XMP and profile, and its EXIF block."""
    parts, exif, offset = [], b"", 12
    while offset + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, offset)
        end = offset + 8 + length + length % 2
        if kind == b"EXIF":
            exif = data[offset + 8 : offset + 8 + length]
        elif kind == b"VP8X":
            flags = data[offset + 8] & ~_WEBP_DESCRIBES if offset + 8 < len(data) else 0
            parts.append(data[offset : offset + 8] + bytes([flags]) + data[offset + 9 : end])
        elif kind in _WEBP_KEPT:
            parts.append(data[offset:end])
        offset = end
    body = b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body, exif
