"""Training curves that tell their values, hide, and follow the page's width and colours."""

from __future__ import annotations

import math

import pytest
from browser import BROWSER
from clicked import opened
from touched_figures import TRAINED, VALIDATED, whole_page

from nntasks.report.interactive.curves import MOST_POINTS, training

# The colours of the first chart.
INKS = """(() => {
  const canvas = document.querySelector(".chart canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 255) seen.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
  }
  return [...seen];
})()"""


def test_curves_are_those_of_the_picture():
    form = training([*TRAINED, *VALIDATED], ["accuracy"])
    panels = {panel["title"]: panel for panel in form.content["panels"]}
    assert list(panels) == ["loss", "learning rate", "accuracy"]
    loss = panels["loss"]["curves"]
    assert [curve["name"] for curve in loss] == ["loss, train", "nll, validation"]
    assert loss[1]["x"] == [1, 2, 3, 4]
    assert loss[1]["y"] == [0.6, 0.7, 0.8, 0.9]
    assert loss[0]["look"]["colours"] != loss[1]["look"]["colours"]
    assert panels["loss"]["log"] is False


def test_undefined_values_are_gaps_and_long_curves_are_thinned_to_their_last_point():
    rows = [
        {"split": "train", "epoch": n, "step": n, "loss": math.nan if n == 5 else 1.0 / n}
        for n in range(1, 6)
    ]
    (curve,) = training(rows, []).content["panels"][0]["curves"]
    assert curve["y"][4] is None
    many = [{"split": "train", "epoch": n, "step": n, "loss": n} for n in range(1, 12_346)]
    (curve,) = training(many, []).content["panels"][0]["curves"]
    assert len(curve["x"]) <= MOST_POINTS
    assert (curve["x"][-1], curve["y"][-1]) == (12_345, 12_345)
    assert training([], []) is None


@pytest.mark.skipif(BROWSER is None, reason="needs chromium to click")
def test_curves_tell_their_values_and_hide(tmp_path):
    with opened(tmp_path, whole_page()) as page:
        first = ".chart:first-child"
        page.point(f"{first} .u-over", 0.99)
        # At the end of the last epoch: both losses as they were recorded.
        assert page.texts(f"{first} .u-value") == ["4", "0.05", "0.9"]
        page.point(f"{first} .u-over", 0.3)  # validation has no row here; the nearest is told
        assert page.texts(f"{first} .u-value")[2] in ("0.6", "0.7")
        rows = f"[...document.querySelectorAll('{first} .u-series')].map((e) => e.className)"
        page.click(f"{first} .u-series:nth-child(2) th")
        assert page.value(rows) == ["u-series", "u-series u-off", "u-series"]
        page.press("Enter", 13)  # the name has the focus
        assert page.value(rows)[1] == "u-series"


@pytest.mark.skipif(BROWSER is None, reason="needs chromium to click")
@pytest.mark.parametrize("dark", [False, True])
def test_they_fit_take_the_pictures_place_and_fail_alone(tmp_path, dark):
    with opened(tmp_path, whole_page(), 500, dark=dark) as page:
        assert page.value("document.documentElement.scrollWidth <= innerWidth")
        seen = "[...document.querySelectorAll('figure')].map((e) => e.className)"
        assert page.value(seen) == ["touched", "touched", "touched", ""]
        shown = "[...document.querySelectorAll('.paper')].map((e) => e.offsetParent !== null)"
        assert page.value(shown) == [False, False, False, True]
        inks = page.value(INKS)
        blue = training(TRAINED, []).content["panels"][0]["curves"][0]["look"]["colours"][dark]
        rgb = ",".join(str(int(blue[i : i + 2], 16)) for i in (1, 3, 5))
        assert rgb in inks
