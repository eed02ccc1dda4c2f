"""Pictures whose pixels are labels: no value is changed, and what cannot be labels is named."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from nntasks.errors import UsageError
from nntasks.pictures.labels import read_labels

LABELS = np.array([[0, 1, 2], [3, 3, 0]], np.uint8)


@pytest.fixture
def read(tmp_path):
    """Return a function that saves a picture and reads its labels."""

    def call(image, suffix="png", **options):
        path = tmp_path / f"a.{suffix}"
        image.save(path, **options)
        return read_labels(path)

    return call


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_grey_stays_as_it_is(read, suffix):
    found = read(Image.fromarray(LABELS), suffix)
    assert np.array_equal(found.values, LABELS)
    assert (found.palette, found.lossy, found.two_valued) == (None, False, False)


@pytest.mark.parametrize("bits", [2, 4])
def test_grey_of_few_bits_is_not_scaled(read, bits, tmp_path):
    def chunk(kind, content):
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    each = 8 // bits
    rows = b""
    for row in LABELS:
        number = 0
        for value in [*row, *[0] * (-len(row) % each)]:
            number = number << bits | int(value)
        rows += b"\0" + number.to_bytes(-(-len(row) // each), "big")
    head = struct.pack(">IIBBBBB", 3, 2, bits, 0, 0, 0, 0)
    path = tmp_path / "few.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    assert np.array_equal(read_labels(path).values, LABELS)


def test_a_palette_keeps_numbers_and_colours(read):
    image = Image.fromarray(LABELS, "P")
    image.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255])
    found = read(image)
    assert np.array_equal(found.values, LABELS)
    assert found.palette.shape == (256, 3)
    assert found.palette[:4].tolist() == [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]]
    assert found.numbered


def test_one_bit_is_0_and_1(read):
    found = read(Image.fromarray(LABELS > 0))
    assert np.array_equal(found.values, LABELS > 0)
    assert found.two_valued


def test_colours_are_numbered_where_they_are_no_grey(read):
    colours = np.array([[10, 0, 0], [0, 0, 200], [5, 5, 5], [0, 9, 0]], np.uint8)
    found = read(Image.fromarray(colours[LABELS]))
    assert np.array_equal(found.palette[found.values], colours[LABELS])
    assert not found.numbered
    assert len(np.unique(found.values)) == 4


def test_grey_in_three_channels_is_grey(read):
    found = read(Image.fromarray(np.stack([LABELS] * 3, axis=2)))
    assert np.array_equal(found.values, LABELS)
    assert found.palette is None


def test_a_lossy_file_says_so_and_is_grey_where_it_was(read):
    mask = np.kron(LABELS > 1, np.ones((16, 16))).astype(np.uint8) * 255
    found = read(Image.fromarray(np.stack([mask] * 3, axis=2)), "jpg", quality=50)
    assert found.lossy
    assert found.palette is None
    assert np.array_equal(found.values > 127, mask > 127)


def test_pictures_are_turned_as_their_photographs_are(read):
    exif = Image.Exif()
    exif[0x0112] = 6
    found = read(Image.fromarray(LABELS), exif=exif.tobytes())
    assert np.array_equal(found.values, np.rot90(LABELS, -1))


def test_transparent_black_is_the_background(read):
    layers = np.stack([LABELS, np.where(LABELS > 0, 255, 0).astype(np.uint8)], axis=2)
    found = read(Image.fromarray(layers, "LA"))
    assert np.array_equal(found.values, LABELS)


def test_colours_beneath_transparent_pixels_are_refused(read):
    layers = np.stack([LABELS, np.zeros_like(LABELS)], axis=2)
    with pytest.raises(UsageError, match=r"a\.png: expected an opaque mask, .*colours beneath"):
        read(Image.fromarray(layers, "LA"))


def test_a_photograph_is_no_picture_of_labels(read):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    with pytest.raises(UsageError, match=r"palette picture of labels, got 1[56]\d\d colours"):
        read(Image.fromarray(pixels))
