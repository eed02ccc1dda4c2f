"""Segments of image files: descriptions go, and the pixels stay as they were."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from nntasks.pictures import segments

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 6, 3), np.uint8)
BARE = {
    "PNG": lambda data: (
        segments.png_without_descriptions(data, segments.png_chunks(io.BytesIO(data))),
        b"",
    ),
    "JPEG": segments.jpeg_without_descriptions,
    "WEBP": segments.webp_without_descriptions,
}


def exif():
    block = Image.Exif()
    block[0x0112], block[0x010E] = 6, "some words"
    return block.tobytes()


def saved(kind, **options):
    data = io.BytesIO()
    Image.fromarray(PIXELS).save(data, kind, **options)
    return data.getvalue()


def decoded(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def described(kind):
    more = {"icc_profile": b"profile" * 9}
    if kind == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("key", "some text")
    if kind == "JPEG":
        more["comment"] = b"some text"
    return saved(kind, exif=exif(), **more)


@pytest.mark.parametrize("kind", BARE)
def test_descriptions_go_and_pixels_stay(kind):
    data = described(kind)
    bare, _ = BARE[kind](data)
    assert np.array_equal(decoded(bare), decoded(data))
    assert b"some" in data
    for word in (b"some words", b"some text", b"profile"):
        assert word not in bare
    assert Image.open(io.BytesIO(bare)).getexif() == {}


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_the_exif_block_is_returned(kind):
    _, block = BARE[kind](described(kind))
    assert b"some words" in block
    assert BARE[kind](saved(kind))[1] == b""


@pytest.mark.parametrize("kind", BARE)
def test_a_file_without_descriptions_keeps_its_pixels_too(kind):
    data = saved(kind)
    assert np.array_equal(decoded(BARE[kind](data)[0]), decoded(data))


@pytest.mark.parametrize("kind", BARE)
def test_any_cut_of_a_file_is_read_to_its_end(kind):
    data = described(kind)
    for length in range(12, len(data), 7):
        bare, _ = BARE[kind](data[:length])
        assert len(bare) <= length + 8


def test_the_colours_of_adobe_stay():
    data = io.BytesIO()
    Image.fromarray(PIXELS).convert("CMYK").save(data, "JPEG")
    bare, _ = segments.jpeg_without_descriptions(data.getvalue())
    assert b"Adobe" in bare
    assert np.array_equal(decoded(bare), decoded(data.getvalue()))


def test_the_chunks_of_a_png_file_with_their_places():
    data = saved("PNG")
    found = list(segments.png_chunks(io.BytesIO(data)))
    assert (found[0][0], found[-1][0]) == (b"IHDR", b"IEND")
    kind, at, length = found[0]
    assert data[at - 4 : at] == kind
    assert data[at : at + length][:4] == (6).to_bytes(4, "big")
