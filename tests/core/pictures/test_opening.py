"""Opening image files: errors that name the file, metadata that cost nothing, Pillow's settings."""

from __future__ import annotations

import threading
import warnings

import numpy as np
import pytest
from PIL import Image

from nntasks.errors import UsageError
from nntasks.pictures import opening
from nntasks.pictures.headers import Header, NotRead
from nntasks.pictures.opening import Opened, has_more_frames, naming, open_picture

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)


@pytest.fixture
def save(tmp_path):
    def call(suffix, mode="RGB", **options):
        path = tmp_path / f"a.{suffix}"
        Image.fromarray(PIXELS).convert(mode).save(path, **options)
        return path

    return call


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_pixels_and_size_are_as_stored(save, suffix):
    found = open_picture(save(suffix))
    assert found.size == (6, 4)
    assert np.array_equal(np.asarray(found.image), PIXELS)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_the_orientation_is_told_and_the_picture_not_turned(save, suffix):
    found = open_picture(save(suffix, exif=exif(6)))
    assert (found.orientation, found.size) == (6, (6, 4))


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_without_decoding_the_size_is_read_alone(save, suffix):
    found = open_picture(save(suffix), decode=False)
    assert (found.size, found.header.kind) == ((6, 4), {"png": "PNG", "tif": "TIFF"}[suffix])
    if suffix == "tif":
        assert found.image is None


def test_the_orientation_of_xmp_counts_where_exif_has_none(save):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="8"/></x:xmpmeta>'
    assert open_picture(save("webp", xmp=xmp)).orientation == 8
    assert open_picture(save("webp", xmp=xmp, exif=exif(3))).orientation == 3


class TestNaming:
    @pytest.mark.parametrize(
        ("error", "line"),
        [
            (NotRead("expected 8 bits"), "a.png: expected 8 bits"),
            (FileNotFoundError(2, "No such file or directory"), "cannot read image a.png: No such"),
            (MemoryError(), "cannot read image a.png: there is not enough memory for it"),
            (ValueError("two\n words"), "cannot read image a.png: two words"),
            (ValueError(), "cannot read image a.png: it is damaged (ValueError)"),
            (KeyError("x"), "cannot read image a.png: it is damaged (KeyError)"),
        ],
    )
    def test_any_error_is_one_line(self, error, line):
        with pytest.raises(UsageError) as told, naming("a.png"):
            raise error
        assert str(told.value).startswith(line)

    def test_an_error_of_ours_stays(self):
        with pytest.raises(UsageError, match=r"^as it is$"), naming("a.png"):
            raise UsageError("as it is")


def test_a_picture_that_needs_more_memory_than_is_free(save, monkeypatch):
    path = save("png")
    monkeypatch.setattr(opening, "_SMALL", 0)
    monkeypatch.setattr(opening, "free_memory", lambda: 1)
    for decode in (True, False):
        with pytest.raises(UsageError, match="its 6 x 4 pixels need"):
            open_picture(path, decode=decode)
    monkeypatch.setattr(opening, "free_memory", lambda: None)  # nobody knows
    assert open_picture(path).size == (6, 4)


class TestFrames:
    @pytest.mark.parametrize("suffix", ["gif", "png", "tif", "webp"])
    @pytest.mark.parametrize("several", [True, False])
    def test_what_follows_the_first_frame(self, save, suffix, several):
        other = Image.fromarray(255 - PIXELS)
        path = save(suffix, save_all=True, append_images=[other] if several else [])
        assert has_more_frames(path, open_picture(path)) is several

    def test_a_gif_that_cannot_be_read_again_has_one(self, tmp_path):
        found = Opened(None, Header("GIF"), (1, 1))
        assert has_more_frames(tmp_path / "gone.gif", found) is False


class TestPillowsLimit:
    def test_it_is_lifted_while_any_thread_reads_and_comes_back(self, monkeypatch):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 7)
        limit, inside, leave = opening._PillowsLimit(), threading.Event(), threading.Event()

        def read():
            with limit.lifted():
                inside.set()
                leave.wait(10)

        thread = threading.Thread(target=read)
        thread.start()
        inside.wait(10)
        with limit.lifted():
            assert Image.MAX_IMAGE_PIXELS is None
        assert Image.MAX_IMAGE_PIXELS is None  # the other one still reads
        leave.set()
        thread.join()
        assert Image.MAX_IMAGE_PIXELS == 7

    def test_an_error_gives_it_back(self, monkeypatch, tmp_path):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 7)
        with pytest.raises(UsageError):
            open_picture(tmp_path / "gone.png")
        assert Image.MAX_IMAGE_PIXELS == 7

    def test_the_filter_of_warnings_is_added_once(self):
        with warnings.catch_warnings():
            opening._quieten()
            before = len(warnings.filters)
            opening._quieten()
            assert len(warnings.filters) == before
