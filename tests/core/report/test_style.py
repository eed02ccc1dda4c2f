"""The style of every figure: colours, looks, words, and nobody else's settings."""

from __future__ import annotations

import io
import math

import matplotlib
import numpy as np
import pytest
from PIL import Image

from nntasks.report import style
from nntasks.report.encoding import png
from nntasks.statistics.bootstrap import Estimate


def opened(data):
    return Image.open(io.BytesIO(data))


def test_no_grid_runs_across_an_image():
    with style.applied():
        figure = style.new_figure(3, 3)
        figure.add_axes((0, 0, 1, 1)).imshow(np.zeros((2, 2)))
    image = np.asarray(opened(png(figure)).convert("RGB"))
    inside = image[20:-20, 20:-20].reshape(-1, 3)
    assert len(np.unique(inside, axis=0)) == 1


def test_colours_are_told_apart_by_the_colour_blind():
    # Viénot, Brettel and Mollon (1999): what is left of linear RGB without red or green cones.
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in style.PALETTE])
    seen = {
        "protan": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
        "deutan": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    }
    for matrix in seen.values():
        flat = np.clip(rgb**2.2 @ np.array(matrix).T, 0, 1) ** (1 / 2.2)
        distance = np.linalg.norm(flat[:, None] - flat[None], axis=-1)
        assert distance[np.triu_indices(len(flat), 1)].min() > 0.1


def test_no_two_of_eighty_series_look_alike():
    looks = style.looks(80)
    assert len({(look.colour, look.dash, look.marker) for look in looks}) == 80
    assert len({(look.colour, str(look.line())) for look in looks}) == 80  # in lines alone, too
    assert [look.colour for look in looks[:10]] == list(style.PALETTE)
    assert style.looks(81)[80] == looks[0]
    assert style.looks(0) == []


def test_the_settings_of_the_user_come_back_even_after_an_error():
    with matplotlib.rc_context({"lines.linewidth": 9.0}):
        before = dict(matplotlib.rcParams)
        with style.applied():
            assert matplotlib.rcParams["lines.linewidth"] == 1.6
        assert dict(matplotlib.rcParams) == before
        with pytest.raises(ValueError, match="inside"), style.applied():
            raise ValueError("inside")
        assert dict(matplotlib.rcParams) == before


def test_a_figure_belongs_to_nobody():
    import matplotlib._pylab_helpers as windows

    before = len(windows.Gcf.figs)
    figure = style.new_figure(3, 2)
    assert figure.get_size_inches().tolist() == [3, 2]
    assert len(windows.Gcf.figs) == before


def test_letters_are_large_enough_to_be_read():
    sizes = {key: size for key, size in style._SETTINGS.items() if key.endswith("size")}
    del sizes["lines.markersize"]
    assert sizes
    assert min(sizes.values()) >= style.SMALLEST


@pytest.mark.parametrize(
    ("text", "shown"), [("a$b$", r"a\$b\$"), ("plain", "plain"), ("5 % \\frac", "5 % \\frac")]
)
def test_dollar_signs_are_no_mathematics(text, shown):
    assert style.plain(text) == shown


def test_a_mistake_has_the_true_class_first():
    assert style.mistake("cat", "$dog") == r"cat → \$dog"


class TestShares:
    @pytest.fixture
    def axes(self):
        return style.new_figure(3, 2).subplots()

    def test_a_bar_with_its_interval_and_its_value(self, axes):
        style.draw_shares(axes, [0, 1], [Estimate(0.5, 0.25, 0.75), Estimate(0.05, 0, 0.1)], "red")
        assert [bar.get_width() for bar in axes.patches] == [0.5, 0.05]
        assert [text.get_text() for text in axes.texts] == ["50%", "5%"]
        first, second = (text.get_color() for text in axes.texts)
        assert (first, second) == ("white", style.INK)  # on a short bar white would be lost
        ends = [c.get_segments()[0][:, 0].tolist() for c in axes.collections]
        assert ends == [[0.25, 0.75], [0.0, 0.1]]

    def test_what_is_not_defined_says_so(self, axes):
        style.draw_shares(axes, iter([0]), [Estimate(math.nan, math.nan, math.nan)], "red")
        assert [text.get_text() for text in axes.texts] == ["none covered"]
        assert axes.patches[0].get_width() == 0

    def test_an_interval_that_lies_beside_its_value_is_drawn(self, axes):
        style.draw_shares(axes, [0], [Estimate(0.5, 0.6, 0.7)], "red")
        assert axes.collections[0].get_segments()[0][:, 0].tolist() == [0.5, 0.7]


def test_the_name_of_a_row_stands_to_its_left():
    axes = style.new_figure(3, 2).subplots()
    style.name_row(axes, "a$")
    (text,) = axes.texts
    assert text.get_text() == r"a\$"
    assert text.get_position()[0] < 0
