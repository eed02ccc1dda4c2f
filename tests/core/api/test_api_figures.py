"""The figures of a run: drawn anew at each access, of whatever a task draws."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure as MatplotlibFigure
from PIL import Image

from nntasks.api.figures import Figures
from nntasks.interfaces.report_data import Figure

PIXELS = np.random.default_rng(0).integers(0, 256, (30, 50, 3), np.uint8)


@pytest.fixture
def figures(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "a.png")
    drawn = {
        "plot": MatplotlibFigure,
        "picture": lambda: Image.fromarray(PIXELS),
        "file": lambda: tmp_path / "a.png",
        "text": lambda: str(tmp_path / "a.png"),
    }
    return Figures(lambda: {name: Figure(name, name, "", draw) for name, draw in drawn.items()})


def test_it_is_a_mapping(figures):
    assert list(figures) == ["plot", "picture", "file", "text"]
    assert len(figures) == 4
    assert repr(figures) == "<Figures: plot, picture, file, text>"
    assert repr(Figures(dict)) == "<Figures: none>"


def test_an_unknown_figure_names_the_known_ones(figures):
    with pytest.raises(KeyError, match="no figure 'other'; the figures are plot, picture, file"):
        figures["other"]


def test_each_access_draws_anew(figures):
    first = figures["plot"]
    first.add_subplot()
    assert figures["plot"].axes == []


@pytest.mark.parametrize("name", ["picture", "file", "text"])
def test_a_picture_is_shown_pixel_for_pixel(figures, name):
    figure = figures[name]
    assert isinstance(figure, MatplotlibFigure)
    assert figure.get_size_inches().tolist() == [0.5, 0.3]
    ((axes,),) = (figure.axes,)
    assert np.array_equal(axes.images[0].get_array(), PIXELS)


def test_a_figure_shows_itself_without_pyplot(figures):
    assert figures["plot"]._repr_png_().startswith(b"\x89PNG")


def test_the_settings_of_matplotlib_stay(figures):
    before = dict(matplotlib.rcParams)
    figures["plot"]
    assert dict(matplotlib.rcParams) == before
