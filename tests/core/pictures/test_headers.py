"""Headers of image files: kinds, the value of white, and what is not read."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from nntasks.pictures import headers, tags
from nntasks.pictures.headers import NotRead, UnknownKind, read_header


def saved(kind, mode="RGB", **options):
    data = io.BytesIO()
    Image.new(mode, (6, 4)).save(data, kind, **options)
    return data.getvalue()


def header(data):
    return read_header(io.BytesIO(data))


def chunk(kind, content):
    whole = kind + content
    return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))


def png(depth, colours, *chunks):
    size = struct.pack(">IIBBBBB", 6, 4, depth, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + b"".join(chunks)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_every_kind_by_its_beginning(kind):
    found = header(saved(kind))
    assert (found.kind, found.white, found.more, found.exif) == (kind, 255, False, b"")


@pytest.mark.parametrize("data", [b"", b"no picture", b"RIFF1234WAVE", b"PK\x03\x04"])
def test_other_files_are_of_no_known_kind(data):
    with pytest.raises(UnknownKind):
        header(data)


@pytest.mark.parametrize(
    ("depth", "colours", "white"), [(1, 0, 1), (2, 0, 3), (4, 0, 15), (8, 0, 255), (2, 3, 255)]
)
def test_white_of_grey_png_files_of_few_bits(depth, colours, white):
    assert header(png(depth, colours)).white == white


@pytest.mark.parametrize(("text", "white"), [(b"15", 15), (b"255", 255), (b"# a b\n7", 7)])
def test_white_of_a_pgm_file(text, white):
    assert header(b"P5 6 4 " + text + b"\n").white == white


def test_a_bitmap_of_ppm_has_no_white():
    assert header(b"P4 6 4\n999999").white == 255


def test_what_has_more_than_eight_bits_is_not_read():
    for data in (png(16, 0), png(16, 6), b"P5 6 4 65535\n", saved("TIFF", "I;16")):
        with pytest.raises(NotRead, match="expected 8 bits a colour, got 16; convert it to 8 bits"):
            header(data)


@pytest.mark.parametrize(
    ("mode", "what"),
    [("F", "floating-point numbers"), ("LAB", "colours of kind LAB"), ("I", "32")],
)
def test_other_numbers_of_tiff_are_not_read(mode, what):
    with pytest.raises(NotRead, match=f"got {what}"):
        header(saved("TIFF", mode))


def test_signed_numbers_are_not_read():
    with pytest.raises(NotRead, match="signed numbers"):
        header(saved("TIFF", "L", tiffinfo={339: 2}))


def test_the_size_of_a_tiff_file_is_in_its_tags():
    assert header(saved("TIFF")).tiff_size == (6, 4)
    empty = tags.Directory({}, {}, 8, False, "<", False)
    with pytest.raises(tags.DamagedTags, match="its tags name no width and height"):
        headers.Header("TIFF", directory=empty).tiff_size  # noqa: B018


def test_the_exif_of_png_may_follow_the_pixels_and_the_first_one_counts():
    data = png(8, 2, chunk(b"IDAT", b"x"), chunk(b"eXIf", b"one"), chunk(b"eXIf", b"two"))
    assert header(data).exif == b"one"


@pytest.mark.parametrize("kind", ["TIFF", "PNG"])
def test_further_pages_and_frames_are_seen(kind):
    second = Image.fromarray(np.ones((4, 6, 3), np.uint8))
    assert header(saved(kind, save_all=True, append_images=[second])).more is True


def test_a_png_file_that_is_cut_in_its_header_is_left_to_the_reader_of_pixels():
    assert header(b"\x89PNG\r\n\x1a\n").kind == "PNG"


def test_tags_that_are_damaged_are_named():
    with pytest.raises(tags.DamagedTags):
        header(b"II*\0" + b"\xff" * 20)
