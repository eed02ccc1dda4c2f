"""Stored pixels as a viewer shows them: upright, opaque, in the mode that is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageOps

from nntasks.pictures.colour import GROUND, shown, upright, upright_size, with_alpha
from nntasks.pictures.headers import Header
from nntasks.pictures.opening import Opened

PIXELS = np.random.default_rng(0).integers(0, 256, (3, 5, 3), np.uint8)


def opened(image, orientation=1, white=255):
    return Opened(image, Header("PNG", white), image.size, orientation)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_pillow_turns_them(orientation):
    image = Image.fromarray(PIXELS)
    exif = image.getexif()
    exif[0x0112] = orientation
    image.info["exif"] = exif.tobytes()
    expected = ImageOps.exif_transpose(image)
    found = upright(Image.fromarray(PIXELS), orientation)
    assert np.array_equal(np.asarray(found), np.asarray(expected))
    assert upright_size(opened(Image.fromarray(PIXELS), orientation)) == expected.size


@pytest.mark.parametrize("orientation", [0, 1, 9])
def test_a_picture_that_is_upright_is_not_copied(orientation):
    image = Image.fromarray(PIXELS)
    assert upright(image, orientation) is image
    assert shown(opened(image), "RGB") is image


def test_what_is_transparent_is_laid_on_white():
    image = Image.new("RGBA", (3, 1))
    for place, alpha in enumerate((0, 255, 127)):
        image.putpixel((place, 0), (10, 20, 30, alpha))
    clear, opaque, half = (shown(opened(image), "RGB").getpixel((x, 0)) for x in range(3))
    assert clear == GROUND
    assert opaque == (10, 20, 30)
    assert half == pytest.approx([(a + 255) / 2 for a in opaque], abs=1)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_mode_is_the_one_asked_for(mode):
    for image in (Image.new("1", (2, 2)), Image.new("P", (2, 2)), Image.new("CMYK", (2, 2))):
        assert shown(opened(image), mode).mode == mode


def test_a_transparent_grey_of_few_bits_is_scaled_as_its_picture_is():
    """Grey 1 of 2 bits is 85 of 8 bits; the file names the value 1 as transparent."""
    image = Image.fromarray(np.array([[0, 85, 170]], np.uint8))
    image.info["transparency"] = 1
    alpha = with_alpha(opened(image, white=3)).getchannel("A")
    assert np.asarray(alpha).tolist() == [[255, 0, 255]]


def test_a_transparent_grey_of_eight_bits_is_itself():
    image = Image.fromarray(np.array([[0, 85, 170]], np.uint8))
    image.info["transparency"] = 170
    alpha = with_alpha(opened(image)).getchannel("A")
    assert np.asarray(alpha).tolist() == [[255, 255, 0]]
