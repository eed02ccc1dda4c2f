"""Files that are whole give the size of what is read; files that are cut off are refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from nntasks.errors import UsageError
from nntasks.pictures import whole
from nntasks.pictures.files import read_image
from nntasks.pictures.whole import whole_image_size

FORMATS = ("jpeg", "png", "gif", "webp", "tiff", "bmp", "ppm")


def encoded(kind, mode="RGB", **options):
    """Return a picture of noise, 61 x 37 pixels, as the bytes of a file."""
    pixels = np.random.default_rng(0).integers(0, 256, (37, 61, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_whole_files(tmp_path, kind):
    path = tmp_path / "x.png"
    path.write_bytes(encoded(kind))
    assert whole_image_size(path) == (61, 37)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.7, 0.95])
def test_cut_files(tmp_path, kind, share):
    path = tmp_path / "x.png"
    content = encoded(kind)
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UsageError, match=r"x\.png"):
        whole_image_size(path)


@pytest.mark.parametrize("kind", FORMATS)
def test_only_files_that_look_cut_are_read(tmp_path, kind, monkeypatch):
    """Formats without an end that tells are read to the end; there are few such files."""
    read = []
    monkeypatch.setattr(whole, "read_image", lambda path: read.append(path))
    path = tmp_path / "x.png"
    path.write_bytes(encoded(kind))
    whole_image_size(path)
    assert bool(read) == (kind in ("bmp", "ppm"))


@pytest.mark.parametrize(
    "options",
    [
        {"progressive": True},
        {"quality": 100, "subsampling": 0},
        {"comment": b"x" * 3000},
        {"icc_profile": b"y" * 3000},
        {"exif": b"Exif\0\0not so"},
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_jpeg_files_of_all_kinds(tmp_path, mode, options):
    path = tmp_path / "x.jpg"
    path.write_bytes(encoded("jpeg", mode, **options))
    assert whole_image_size(path) == (61, 37)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_turned_files_have_the_size_of_what_is_read(tmp_path, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "x.png"
    path.write_bytes(encoded(kind, exif=exif))
    height, width = read_image(path).shape[:2]
    assert whole_image_size(path) == (width, height)
    assert (width, height) == ((61, 37) if orientation <= 4 else (37, 61))


XMP = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta tiff:Orientation="%d"/>'


def with_blocks(content, *blocks):
    """Return a JPEG file with APP1 blocks before everything else."""
    parts = (b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block for block in blocks)
    return content[:2] + b"".join(parts) + content[2:]


def exif_block(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


@pytest.mark.parametrize(
    "blocks",
    [
        (exif_block(6),),
        (exif_block(6), exif_block(1)),
        (exif_block(1), exif_block(6)),
        (exif_block(1), XMP % 6),
        (XMP % 6, exif_block(1)),
        (exif_block(6), XMP % 1),
        (XMP % 1, exif_block(6)),
        (XMP % 8,),
        (b"XMP" + (XMP % 6)[4:],),
        (exif_block(6), XMP % 8, XMP % 1),
        (b"Exif\0\0II*\0\x08\0\0\0\xff\xff",),
        (exif_block(6)[:20],),
        (b"Exif\0\0", XMP % 6),
        (b"Exif\0\0", exif_block(6)),
    ],
)
def test_whichever_block_turns_a_jpeg_file_its_size_is_that_of_what_is_read(tmp_path, blocks):
    path = tmp_path / "x.jpg"
    path.write_bytes(with_blocks(encoded("jpeg"), *blocks))
    height, width = read_image(path).shape[:2]
    assert whole_image_size(path) == (width, height)


def test_bytes_behind_the_end_do_no_harm(tmp_path):
    path = tmp_path / "x.jpg"
    path.write_bytes(encoded("jpeg") + b"\0" * 100)
    assert whole_image_size(path) == (61, 37)


def test_files_that_are_not_there(tmp_path):
    for path in (tmp_path / "x.jpg", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(UsageError, match="cannot read image"):
            whole_image_size(path)
