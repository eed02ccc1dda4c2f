"""What masks mean, decided over all of a folder."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from PIL import Image, ImageFilter

from nntasks.errors import UsageError
from nntasks.pictures.labels import read_labels
from nntasks.plugins.unet_segment.data.mask_contents import contents_of
from nntasks.plugins.unet_segment.data.mask_keys import MaskKeys
from nntasks.plugins.unet_segment.data.mask_meaning import decide

OBJECT = np.zeros((64, 64), bool)
OBJECT[13:43, 13:43] = True
NOTHING = MaskKeys()
VOID = np.zeros((64, 64), bool)
VOID[50:60, 50:60] = True


def grey(background=0, on=255, void=None):
    mask = np.where(OBJECT, on, background).astype(np.uint8)
    if void is not None:
        mask[VOID] = void
    return Image.fromarray(mask)


def coloured(*colours, numbers=(0, 1)):
    """Return a palette picture whose background and object have these numbers and colours."""
    image = Image.fromarray(np.where(OBJECT, numbers[1], numbers[0]).astype(np.uint8))
    image = Image.frombytes("P", image.size, image.tobytes())
    palette = np.full((256, 3), 77, np.uint8)
    palette[list(numbers)] = colours
    image.putpalette(palette.tobytes())
    return image


def masks(folder, images, suffix="png", keys=NOTHING, **words):
    """Save pictures and return what they mean, each a mask."""
    paths = [folder / f"{number}.{suffix}" for number in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        image.save(path, **words)
    pictures = [read_labels(path) for path in paths]
    meaning = decide([contents_of(p, q) for p, q in zip(paths, pictures, strict=True)], keys)
    return [meaning.mask(picture) for picture in pictures]


BLACK, WHITE, RED, BLUE = (0, 0, 0), (255, 255, 255), (200, 30, 30), (0, 0, 255)
PLAIN = {
    "0 and 1": [grey(on=1)],
    "0 and 255": [grey()],
    "1 bit": [grey().convert("1")],
    "1 bit and 8": [grey().convert("1"), grey()],
    "0 and another": [grey(on=7)],
    "grey as RGB": [grey().convert("RGB")],
    "grey as RGBA": [grey().convert("RGBA")],
    "grey as LA": [grey().convert("LA")],
    "colours": [coloured(BLACK, RED)],
    "black and white": [coloured(BLACK, WHITE)],
    "white and black": [coloured(BLACK, WHITE, numbers=(1, 0))],
    "any order": [coloured(BLACK, WHITE, numbers=(9, 4)), coloured(BLACK, WHITE, numbers=(0, 255))],
    "colours in any order": [coloured(BLACK, RED), coloured(BLACK, RED, numbers=(5, 2))],
    "true colours": [Image.merge("RGB", [grey(), grey(on=30), grey(on=0)])],
}


@pytest.mark.parametrize("kind", PLAIN)
def test_plain_masks(tmp_path, kind):
    for mask in masks(tmp_path, PLAIN[kind]):
        assert np.array_equal(mask, OBJECT)


@pytest.mark.parametrize("suffix", ["gif", "bmp", "tif", "webp"])
@pytest.mark.parametrize("kind", ["0 and 255", "white and black", "grey as RGB", "any order"])
def test_plain_masks_in_other_files(tmp_path, suffix, kind):
    words = {"lossless": True} if suffix == "webp" else {}
    for mask in masks(tmp_path, PLAIN[kind], suffix, **words):
        assert np.array_equal(mask, OBJECT)


@pytest.mark.parametrize("bits", [2, 4])
def test_grey_of_few_bits_keeps_its_labels(tmp_path, bits):
    path = tmp_path / "x.png"
    image = coloured(BLACK, (1, 1, 1))
    image.save(path, bits=bits)
    content = bytearray(path.read_bytes())
    assert content[24] == bits
    content[25] = 0  # grey instead of a palette, whose checksum must fit
    from zlib import crc32

    content[29:33] = crc32(content[12:29]).to_bytes(4, "big")
    start = content.index(b"PLTE") - 4
    del content[start : start + 12 + int.from_bytes(content[start : start + 4], "big")]
    path.write_bytes(content)
    assert np.array_equal(read_labels(path).values, OBJECT)


def test_void_of_voc(tmp_path, caplog):
    void_only = Image.fromarray(np.where(VOID, 255, 0).astype(np.uint8))
    with caplog.at_level(logging.WARNING):
        first, second = masks(tmp_path, [grey(on=1, void=255), void_only])
    assert np.array_equal(first == 1, OBJECT)
    assert np.array_equal(first == 255, VOID)
    assert np.array_equal(second == 255, VOID)
    assert not (second == 1).any()
    assert "label 255 is not counted" in caplog.text
    for keys in (MaskKeys(objects=(1,)), MaskKeys(ignored=255)):
        assert np.array_equal(masks(tmp_path, [grey(on=1, void=255)], keys=keys)[0], first)


def test_palette_of_voc(tmp_path):
    image = coloured(BLACK, (192, 128, 128), numbers=(0, 15))
    pixels, palette = np.array(image), np.array(image.getpalette()).reshape(-1, 3)
    pixels[VOID], palette[255] = 255, (224, 224, 192)
    image = Image.frombytes("P", image.size, pixels.tobytes())
    image.putpalette(palette.astype(np.uint8).tobytes())
    (mask,) = masks(tmp_path, [image])
    assert np.array_equal(mask == 1, OBJECT)
    assert np.array_equal(mask == 255, VOID)


def test_numbers_of_a_palette_when_asked(tmp_path):
    keys = MaskKeys(objects=(4,), palette="numbers")
    for mask in masks(tmp_path, [coloured(WHITE, BLACK, numbers=(1, 4))], keys=keys):
        assert np.array_equal(mask, OBJECT)


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_jpeg_is_cut_at_the_middle(tmp_path, quality, caplog):
    with caplog.at_level(logging.WARNING):
        (mask,) = masks(tmp_path, [grey()], "jpg", quality=quality)
    assert (mask != OBJECT).sum() < 20
    assert "of 4096 pixels" in caplog.text
    assert "data.threshold" in caplog.text


def test_soft_edges_are_cut_at_the_middle(tmp_path, caplog):
    soft = grey().filter(ImageFilter.GaussianBlur(2))
    expected = np.asarray(soft) >= 128
    between = int(((np.asarray(soft) > 0) & (np.asarray(soft) < 255)).sum())
    with caplog.at_level(logging.WARNING):
        (mask,) = masks(tmp_path, [soft])
    assert np.array_equal(mask, expected)
    assert f"{between} of 4096 pixels" in caplog.text
    (mask,) = masks(tmp_path, [soft], keys=MaskKeys(threshold=200))
    assert np.array_equal(mask, np.asarray(soft) >= 200)


REFUSED = {
    "several labels": ([grey(on=1), grey(on=2)], "got 0, 1, 2 in the masks"),
    "areas of grey": ([grey(on=128, void=255)], "data.threshold=128"),
    "areas of four greys": ([grey(85, 170, 255), grey(0)], "data.object=1,2"),
    "no background": ([grey(7, 7)], "expected labels 0 and 1, or 0 and 255, got 7"),
    "two ways at once": ([grey(on=1), grey(on=255)], "data.ignored=255, or data.object=1,255"),
    "three colours": ([coloured(BLUE, RED), coloured(RED, BLUE)], "data.palette=numbers"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_decided_is_refused(tmp_path, kind):
    images, word = REFUSED[kind]
    with pytest.raises(UsageError) as caught:
        masks(tmp_path, images)
    assert word in str(caught.value)


def test_a_photograph_is_no_mask(tmp_path):
    path = tmp_path / "x.png"
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    with pytest.raises(UsageError, match="expected a grey, two-coloured or palette picture"):
        read_labels(path)


def test_keys_that_fit_no_mask_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"data\.object=3: no mask holds such a label, but 0, 255"):
        masks(tmp_path, [grey()], keys=MaskKeys(objects=(3,)))
    with pytest.raises(UsageError, match=r"data\.object=255: the masks are blurred"):
        masks(tmp_path, [grey()], "jpg", keys=MaskKeys(objects=(255,)), quality=50)


def test_several_objects_and_what_is_not_counted(tmp_path):
    (mask,) = masks(tmp_path, [grey(4, 7, void=9)], keys=MaskKeys(objects=(3, 7), ignored=9))
    assert np.array_equal(mask == 1, OBJECT)
    assert np.array_equal(mask == 255, VOID)


def test_colours_beneath_transparent_pixels_are_refused(tmp_path):
    path = tmp_path / "x.png"
    hidden = np.zeros((4, 4, 4), np.uint8)
    hidden[0, 0] = 255
    Image.fromarray(hidden).save(path)  # black where it is transparent: the background
    assert read_labels(path).values.sum() == 255
    hidden[1, 1, 0] = 200
    Image.fromarray(hidden).save(path)
    with pytest.raises(UsageError, match="beneath transparent pixels"):
        read_labels(path)
