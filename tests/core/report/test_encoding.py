"""Pictures as files: plots with a palette and a dark variant, photographs in WebP or JPEG."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, features

from nntasks.report import colours, style
from nntasks.report.encoding import compact, encoded, mime


def opened(data):
    return Image.open(io.BytesIO(data))


def pixels(data):
    return np.asarray(opened(data).convert("RGB"))


def noise(height=60, width=80):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture
def plot():
    with style.applied():
        figure = style.new_figure(4.0, 2.0)
        figure.subplots().plot([1, 2], [3, 4])
    return figure


def test_a_plot_is_twice_its_size_on_the_page(plot):
    made = encoded(plot)
    assert opened(made.light).size == (768, 384)
    assert (made.width, made.height) == (384, 192)
    assert opened(made.png).mode == "P"
    assert mime(made.light) == "image/webp"
    assert len(made.light) < len(made.png)
    assert np.array_equal(pixels(made.light), pixels(made.png))


def test_a_plot_has_a_dark_variant_with_the_same_shapes(plot):
    made = encoded(plot)
    light, dark = opened(made.light), opened(made.dark)
    both = np.concatenate([pixels(made.light), pixels(made.dark)], axis=-1).reshape(-1, 6)
    # Each colour has one counterpart everywhere: only the palette differs.
    assert len(np.unique(both, axis=0)) == len(np.unique(both[:, :3], axis=0)) > 10
    assert light.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    paper = tuple(int(colours.DARK_PAPER[i : i + 2], 16) for i in (1, 3, 5))
    assert dark.convert("RGB").getpixel((0, 0)) == paper


def test_photographs_in_a_plot_keep_their_colours():
    with style.applied():
        figure = style.new_figure(4.0, 4.0)
        figure.set_layout_engine("none")
        axes = figure.add_axes((0.25, 0.25, 0.5, 0.5))
        axes.imshow(np.full((2, 2, 3), 240, np.uint8))
        axes.axis("off")
    dark = opened(encoded(figure).dark).convert("RGB")
    assert max(abs(v - 240) for v in dark.getpixel((384, 384))) <= 2
    assert max(dark.getpixel((5, 5))) < 60


def test_a_drawn_figure_is_as_it_was(plot):
    before = plot.dpi, plot.canvas
    encoded(plot)
    assert (plot.dpi, plot.canvas) == before


def test_photographs_become_webp_or_jpeg(monkeypatch):
    image = Image.fromarray(noise())
    assert mime(compact(image)) == "image/webp"
    assert opened(compact(image)).size == (80, 60)
    monkeypatch.setattr(features, "check", lambda name: False)
    assert mime(compact(image)) == "image/jpeg"


def test_plots_are_png_on_pages_where_webp_is_lacking_or_too_small(plot, monkeypatch):
    tall = style.new_figure(0.5, 90.0)
    tall.text(0.5, 0.5, "tall")
    assert mime(encoded(tall).light) == "image/png"
    monkeypatch.setattr(features, "check", lambda name: False)
    assert encoded(plot).light == encoded(plot).png


def test_images_of_few_colours_stay_exact():
    flat = Image.fromarray((noise() // 128 * 255).astype(np.uint8))
    data = compact(flat)
    assert mime(data) == "image/png"
    assert np.array_equal(np.asarray(opened(data).convert("RGB")), np.asarray(flat))


def test_large_images_are_shown_at_half_their_size():
    made = encoded(Image.fromarray(noise(4, 1200)))
    assert (made.width, made.height) == (600, 2)
    assert opened(made.png).size == (1200, 4)


def test_other_formats_have_no_media_type():
    with pytest.raises(ValueError, match="expected the bytes of a PNG, JPEG or WebP, got b'GIF89a"):
        mime(b"GIF89a" + bytes(9))


def test_figures_without_a_grid_of_axes_are_encoded_without_a_warning(recwarn):
    figure = style.new_figure(2.0, 1.0)
    figure.text(0.5, 0.5, "no axes")
    engine = figure.get_layout_engine()
    words = encoded(figure)
    figure.add_axes((0.2, 0.2, 0.6, 0.6)).plot([1, 2])
    assert encoded(figure).png != words.png
    assert figure.get_layout_engine() is engine
    assert not recwarn.list
