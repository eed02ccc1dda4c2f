"""What objects show of themselves in a notebook: escaped text, and pictures in the page."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from nntasks.api.html import data_url, render


def picture_of(url):
    head, _, content = url.partition(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(content)))


def test_text_is_escaped_and_what_is_rendered_is_not_escaped_again():
    inner = render("text.html", text="<script>")
    assert "<script>" not in inner
    page = render("comparison.html", tables=[inner], sentences=["a < b"])
    assert inner in page
    assert "a &lt; b" in page


def test_a_picture_is_as_it_was():
    image = Image.new("RGB", (3, 2), (10, 20, 30))
    found = picture_of(data_url(image))
    assert (found.size, found.getpixel((2, 1))) == ((3, 2), (10, 20, 30))


@pytest.mark.parametrize(
    ("longest", "size"), [(None, (40, 20)), (40, (40, 20)), (10, (10, 5)), (100, (40, 20))]
)
def test_a_large_picture_is_reduced_and_the_given_one_is_not(longest, size):
    image = Image.new("RGB", (40, 20))
    assert picture_of(data_url(image, longest)).size == size
    assert image.size == (40, 20)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK"])
def test_pictures_of_every_mode(mode):
    assert picture_of(data_url(Image.new(mode, (2, 2)))).mode == "RGB"
