"""The panels of the figure: which there are, where their parts lie, what they are called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from nntasks.plugins.unet_segment.explanation.drawing import Layer, draw
from nntasks.plugins.unet_segment.explanation.explain import explain_pixel
from nntasks.plugins.unet_segment.explanation.options import ExplainOptions

PICTURE = np.random.default_rng(0).integers(0, 256, (20, 28, 3), dtype=np.uint8)
TRUTH = np.zeros((20, 28), np.uint8)
TRUTH[4:9, 6:15] = 1
SHARES = np.where(TRUTH == 1, 0.9, 0.2)


@pytest.fixture(scope="module")
def told(make_model, tmp_path_factory):
    path = tmp_path_factory.mktemp("drawing") / "cost$.png"
    Image.fromarray(PICTURE).save(path)
    model = make_model()
    return explain_pixel(model, model.config, str(path), ExplainOptions(pixel=(10, 6)), None)


def drawn(told, truth, gradient=None):
    values = np.arange(560.0).reshape(20, 28) if gradient is None else gradient
    terms = [Layer(np.ones((16 // n, 16 // n)), 4, 0, 20, 16) for n in (1, 2, 4)]
    figure = draw(told, PICTURE, truth, SHARES, Layer(values, 0, 0, 28, 20), terms)
    figure.canvas.draw()
    return figure, [axes for axes in figure.axes if axes.images]


def test_with_a_mask_there_are_five_panels_above_the_levels(told):
    figure, panels = drawn(told, TRUTH)
    titles = [axes.get_title() for axes in panels]
    assert titles[1] == "truth"
    assert titles[3] == "errors"
    assert [title.partition(":")[0] for title in titles[5:]] == ["skip 1", "skip 2", "lowest"]
    assert f"{told.levels[0].contribution:+.3f}" in titles[5]
    assert "pixel 10,6" in figure.get_suptitle()


def test_without_a_mask_there_are_three(told):
    _, panels = drawn(told, None)
    titles = [axes.get_title() for axes in panels]
    assert len(titles) == 3 + len(told.levels)
    assert "truth" not in titles
    assert "errors" not in titles


def test_terms_lie_where_their_cells_do_and_zero_is_white(told):
    _, panels = drawn(told, TRUTH)
    for axes in panels[5:]:
        (image,) = axes.images
        assert image.get_extent() == [3.5, 19.5, 15.5, -0.5]  # pixel centres are integers
        assert image.norm.vmin == -image.norm.vmax


def test_a_gradient_of_zero_is_drawn(told):
    drawn(told, None, np.zeros((20, 28)))
    drawn(replace(told, predicted_boundary=None), None, np.ones((20, 28)))
