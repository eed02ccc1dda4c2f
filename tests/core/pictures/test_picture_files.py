"""Reading pictures: kinds, orientation, sizes from the header, and damaged files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nntasks.errors import UsageError
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
        with pytest.raises(UsageError, match=r"cannot read image .*x\.jpg: it is no picture"):
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
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(UsageError, match="cannot read image"):
        read_image(path)


def test_more_than_eight_bits_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(tmp_path / "x.png")
    with pytest.raises(UsageError, match="expected 8 bits a colour, got mode I;16"):
        read_image(tmp_path / "x.png")


def test_grey_and_scaled(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    Image.fromarray(pixels()).save(path)
    grey = read_image(path, "grey", (8, 16))
    expected = Image.fromarray(pixels()).convert("L").resize((16, 8), Image.Resampling.BILINEAR)
    assert np.array_equal(grey, np.asarray(expected)[..., None])
