"""Every figure of every task keeps the rules of `nntasks.report.style`."""

from __future__ import annotations

import io

import matplotlib
import pytest
from figure_gallery import RUNS, faults, figures_of, page
from PIL import Image

import nntasks as nt
from nntasks.report import style
from nntasks.report.drawing import draw_all

QUICK = ("numpy_mlp", "word2vec")  # the others take several seconds each
CASES = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in RUNS]


@pytest.fixture(scope="module", params=CASES)
def figures(request, tmp_path_factory):
    task, keys = RUNS[request.param]
    out = tmp_path_factory.mktemp("gallery")
    return figures_of(nt.run(task, out=out, quiet=True, **keys))


def test_every_figure_can_be_read(figures):
    before = dict(matplotlib.rcParams)
    found = {}
    for figure in figures:
        with style.applied():
            drawn = figure.draw()
            if hasattr(drawn, "savefig"):
                found[figure.name] = faults(drawn)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert dict(matplotlib.rcParams) == before


def test_the_page_shows_them_in_light_and_dark_with_words(figures):
    pictures, problems = draw_all(figures)
    assert problems == []
    for one in pictures:
        assert len(one.alt) > 20
        assert one.alt != one.title
        assert one.caption
        light, dark = (Image.open(io.BytesIO(data)) for data in (one.light, one.dark))
        assert light.size == dark.size
    text = page(pictures)
    assert text.count("<figure") == len(pictures)
    assert len(text) < 1_500_000
