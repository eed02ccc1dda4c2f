"""Reading pictures: kinds, orientation, sizes from the header, and damaged files."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from fuzz.mutated_pictures import KINDS, mutated
from fuzz.reading import fault_of_picture
from PIL import Image, PngImagePlugin

from nntasks.errors import UsageError
from nntasks.pictures import opening
from nntasks.pictures.files import image_size, read_image


def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "1", "CMYK"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(pixels()).convert(mode)
    path = tmp_path / ("x.tif" if mode == "CMYK" else "x.png")
    image.save(path)
    read = read_image(path)
    assert (read.shape, read.dtype) == ((20, 30, 3), np.uint8)
    assert np.array_equal(read, np.asarray(image.convert("RGB")))
    assert image_size(path) == (30, 20)


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (1, lambda a: a),
        (2, lambda a: a[:, ::-1]),
        (3, lambda a: a[::-1, ::-1]),
        (4, lambda a: a[::-1]),
        (5, lambda a: a.transpose(1, 0, 2)),
        (6, lambda a: np.rot90(a, -1)),
        (7, lambda a: a.transpose(1, 0, 2)[::-1, ::-1]),
        (8, lambda a: np.rot90(a)),
    ],
)
def test_orientation_is_obeyed(tmp_path: Path, orientation: int, turned) -> None:  # type: ignore[no-untyped-def]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "x.png"
    Image.fromarray(pixels()).save(path, exif=exif)
    read = read_image(path)
    assert np.array_equal(read, turned(pixels()))
    assert image_size(path) == (read.shape[1], read.shape[0])


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_a_truncated_image_is_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    Image.fromarray(np.tile(pixels(), (10, 10, 1))).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UsageError, match=f"cannot read image .*x{suffix}: ") as caught:
        read_image(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
def test_files_that_are_no_picture_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(content)
    for read in (read_image, image_size):
        with pytest.raises(UsageError, match=r"cannot read image .*x\.jpg: it is not a picture"):
            read(path)


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    for read in (read_image, image_size):
        with pytest.raises(UsageError, match=r"gone\.jpg: No such file"):
            read(tmp_path / "gone.jpg")


def test_a_picture_beyond_measure_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.png"
    Image.fromarray(pixels()).save(path)
    monkeypatch.setattr(opening, "_SMALL", 100)
    monkeypatch.setattr(opening, "free_memory", lambda: 7199)
    for read in (read_image, image_size):
        with pytest.raises(UsageError, match=r"30 x 20 pixels need 0\.0 GiB of memory, of which"):
            read(path)
    monkeypatch.setattr(opening, "free_memory", lambda: 7200)
    assert read_image(path).shape == (20, 30, 3)


def test_more_than_eight_bits_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(tmp_path / "x.png")
    with pytest.raises(UsageError, match="expected 8 bits a colour, got 16; convert"):
        read_image(tmp_path / "x.png")


def test_grey_and_scaled(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    Image.fromarray(pixels()).save(path)
    grey = read_image(path, "grey", (8, 16))
    expected = Image.fromarray(pixels()).convert("L").resize((16, 8), Image.Resampling.BILINEAR)
    assert np.array_equal(grey, np.asarray(expected)[..., None])


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "packbits"])
def test_tiff_of_every_mode_is_turned_once(
    tmp_path: Path, mode: str, compression: str | None
) -> None:
    image = Image.fromarray(pixels()).convert("RGB").convert(mode)
    path = tmp_path / "x.tif"
    image.save(path, compression=compression)
    straight = read_image(path)
    for orientation, turns in ((6, -1), (8, 1), (3, 2)):
        image.save(path, compression=compression, tiffinfo={0x0112: orientation})
        assert np.array_equal(read_image(path), np.rot90(straight, turns))
        assert image_size(path) == ((30, 20) if orientation == 3 else (20, 30))


def exif_block(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x011A] = orientation, "words", 72.0
    return exif.tobytes()


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_no_mutation_of_exif_costs_pixels(tmp_path: Path, suffix: str) -> None:
    image, path = Image.fromarray(pixels()), tmp_path / f"x.{suffix}"
    image.save(path, lossless=True)
    expected, rng = read_image(path), np.random.default_rng(1)
    for _ in range(150):
        block = np.frombuffer(exif_block(), np.uint8).copy()
        at = rng.integers(6, len(block), rng.integers(1, 9))
        block[at] = rng.integers(0, 256, len(at))
        image.save(path, lossless=True, exif=block.tobytes())
        read = read_image(path)
        assert sorted(read.ravel()) == sorted(expected.ravel())
        assert image_size(path) == read.shape[1::-1]


def test_metadata_that_pillow_refuses_costs_no_pixels(tmp_path: Path) -> None:
    image, path = Image.fromarray(pixels()), tmp_path / "x.png"
    text = PngImagePlugin.PngInfo()
    text.add_text("key", "x" * (PngImagePlugin.MAX_TEXT_CHUNK + 1), zip=True)  # a bomb of text
    image.save(path, pnginfo=text, exif=exif_block())
    assert np.array_equal(read_image(path), np.rot90(pixels(), -1))
    content = bytearray(path.read_bytes())
    content[content.index(b"eXIf") - 5] ^= 1  # the checksum of the text before it
    path.write_bytes(content)
    assert np.array_equal(read_image(path), np.rot90(pixels(), -1))


def test_exif_behind_the_pixels_of_png_counts(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    Image.fromarray(pixels()).save(path, exif=exif_block())
    content = path.read_bytes()
    start = content.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(content[start : start + 4], "big")
    path.write_bytes(content[:start] + content[end:-12] + content[start:end] + content[-12:])
    assert image_size(path) == (20, 30)
    assert np.array_equal(read_image(path), np.rot90(pixels(), -1))


def test_big_tiff_is_turned(tmp_path: Path) -> None:
    path = tmp_path / "x.tif"
    Image.fromarray(pixels()).save(path, big_tiff=True, tiffinfo={0x0112: 6})
    assert path.read_bytes()[2] == 43
    assert np.array_equal(read_image(path), np.rot90(pixels(), -1))


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_end_in_one_line(
    tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    path, became = tmp_path / "x", set()
    for seed in range(60):
        path.write_bytes(mutated(kind, seed))
        verdict, fault = fault_of_picture(path)
        assert not fault, seed
        became.add(verdict)
    assert became == {"read", "refused"}
    said = [line for line in capfd.readouterr().err.splitlines() if "only the first" not in line]
    assert not said
    assert not recwarn.list


def test_a_palette_that_is_gone_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(mutated("PNG", 942))
    with pytest.raises(UsageError, match="cannot read image"):
        read_image(path)


def png(depth: int, colours: int, row: bytes, *chunks: bytes) -> bytes:
    """Return a PNG file of one row."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colours]
    width = len(row) * 8 // (depth * channels)
    start = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 1, depth, colours, 0, 0, 0))
    middle = b"".join(chunk(each[:4], each[4:]) for each in chunks)
    pixels_ = chunk(b"IDAT", zlib.compress(b"\0" + row))
    return b"\x89PNG\r\n\x1a\n" + start + middle + pixels_ + chunk(b"IEND", b"")


@pytest.mark.parametrize("colours", [0, 2, 4, 6])
def test_sixteen_bits_of_png_are_refused_in_every_colour(tmp_path: Path, colours: int) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(png(16, colours, bytes(range(48))))
    for read in (read_image, image_size):
        with pytest.raises(UsageError, match="expected 8 bits a colour, got 16"):
            read(path)


def test_other_numbers_than_whole_ones_of_eight_bits_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"P6\n# words\n2 1\n65535\n" + bytes(12))
    with pytest.raises(UsageError, match="got 16"):
        read_image(path)
    for numbers, word in ((np.float32, "floating-point"), (np.int32, "got 32"), (np.uint16, "16")):
        Image.fromarray(np.zeros((3, 4), numbers)).save(path, "TIFF")
        with pytest.raises(UsageError, match=word):
            read_image(path)
    Image.fromarray(pixels()).convert("RGB").convert("LAB").save(path, "TIFF")
    with pytest.raises(UsageError, match="LAB"):
        read_image(path)


@pytest.mark.parametrize(
    ("name", "depth", "colours", "row", "chunks", "grey"),
    [
        ("grey of 2 bits", 2, 0, b"\x1b", [b"tRNS\0\1"], [0, 255, 170, 255]),
        ("grey of 8 bits", 8, 0, b"\0\1\2", [b"tRNS\0\1"], [0, 255, 2]),
        ("two colours", 1, 0, b"\xaa", [b"tRNS\0\0"], [255] * 8),
        ("palette", 8, 3, b"\0\1", [b"PLTE" + bytes([9, 9, 9, 0, 0, 0]), b"tRNS\0"], [255, 0]),
        ("half", 8, 3, b"\0\1", [b"PLTE" + bytes(6), b"tRNS\x80"], [127, 0]),
        ("RGB", 8, 2, bytes([1, 1, 1, 2, 2, 2]), [b"tRNS\0\1\0\1\0\1"], [255, 2]),
    ],
)
def test_what_is_transparent_is_white(
    tmp_path: Path, name: str, depth: int, colours: int, row: bytes, chunks: list, grey: list
) -> None:  # type: ignore[type-arg]
    path = tmp_path / "x.png"
    path.write_bytes(png(depth, colours, row, *chunks))
    for mode in ("rgb", "grey"):
        assert read_image(path, mode)[0, :, 0].tolist() == grey  # type: ignore[arg-type]


def test_cmyk_of_jpeg_is_adobes(tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(path, quality=95)  # red
    assert np.abs(read_image(path)[8, 8].astype(int) - (255, 0, 0)).max() < 4


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "tif"])
def test_further_frames_are_named_once_a_folder(
    tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    first = Image.fromarray(pixels()).convert("P")
    others = [first.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    for name in "ab":
        first.save(
            tmp_path / f"{name}.{suffix}", save_all=True, append_images=others, lossless=True
        )
        read = read_image(tmp_path / f"{name}.{suffix}")
        assert np.array_equal(read, np.asarray(first.convert("RGB")))
    (record,) = caplog.records
    assert f"a.{suffix}: only the first" in record.getMessage()


def test_pillows_limit_and_filters_are_left_as_they_were(tmp_path: Path) -> None:
    path, limit = tmp_path / "x.png", Image.MAX_IMAGE_PIXELS
    Image.new("1", (13_400, 13_400)).save(path)  # beyond twice the limit
    assert image_size(path) == (13_400, 13_400)
    assert limit == Image.MAX_IMAGE_PIXELS


def test_other_formats_than_those_named_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")  # would start a program
    with pytest.raises(UsageError, match="it is not a picture, or not of a"):
        read_image(path)
