"""Interactive figures: their content, and their use by pointer and keys in a real browser."""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
from importlib import resources

import numpy as np
import pytest
from browser import BROWSER
from clicked import opened
from PIL import Image

from nntasks.interfaces.pictures import BrowsedPicture, ImageBrowser, Outline, OutlineKind
from nntasks.interfaces.report_data import DrawnFigure, Figure, Interactive, ReportContent
from nntasks.report import uplot
from nntasks.report.drawing import draw_all
from nntasks.report.html import render_report
from nntasks.report.interactive.cells import MOST_CLASSES, confusion_cells
from nntasks.report.interactive.curves import MOST_POINTS, training
from nntasks.report.interactive.sweep import threshold_sweep

TRAINED = [
    {"split": "train", "epoch": n / 10, "step": n, "loss": 2 / n, "lr": 0.1} for n in range(1, 41)
]
VALIDATED = [
    {"split": "validation", "epoch": n, "step": 10 * n, "nll": 0.5 + n / 10, "accuracy": n / 5}
    for n in range(1, 5)
]


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


def png(colour="red"):
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, format="PNG")
    return content.getvalue()


def figure(form, name="touched"):
    return DrawnFigure(name, "A figure", "", "what it shows", png(), png(), 40, 30, form)


def matrix():
    counts = np.array([[5, 2, 0], [0, 4, 1], [0, 0, 6]])
    samples = {
        (row, column): [f"s{row}{column}{n}" for n in range(counts[row, column])]
        for row, column in zip(*np.nonzero(counts), strict=True)
    }
    names = ["cat", "dog", "<b>"]
    return confusion_cells(counts, names, names, samples, lambda name: Image.new("L", (8, 8), 90))


def sweep():
    thresholds = np.arange(11) / 10
    right = np.array([[4, 4, 4, 3, 3, 3, 2, 2, 1, 0, 0], [2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 0]])
    found = np.array([[9, 8, 6, 4, 4, 3, 2, 2, 1, 0, 0], [4, 4, 3, 3, 2, 2, 2, 1, 1, 1, 0]])
    return threshold_sweep(
        thresholds, right, found, np.array([4, 3]), ["a", "b"], key="confidence", used=0.2
    )


def browser():
    kinds = (OutlineKind("right", "#2ecc71", "a match."), OutlineKind("object", "#fff", "truth."))
    return ImageBrowser(
        kinds,
        [
            BrowsedPicture(name, png("blue"), 40, 30, {}, [Outline((1, 1, 9, 9), "a", 0, score)])
            for name, score in (("p0", 0.35), ("s010", 0.85))
        ],
    )


class TestContent:
    def test_curves_are_those_of_the_picture(self):
        form = training([*TRAINED, *VALIDATED], ["accuracy"])
        panels = {panel["title"]: panel for panel in form.content["panels"]}
        assert list(panels) == ["loss", "learning rate", "accuracy"]
        loss = panels["loss"]["curves"]
        assert [curve["name"] for curve in loss] == ["loss, train", "nll, validation"]
        assert loss[1]["x"] == [1, 2, 3, 4]
        assert loss[1]["y"] == [0.6, 0.7, 0.8, 0.9]
        assert loss[0]["look"]["colours"] != loss[1]["look"]["colours"]
        assert panels["loss"]["log"] is False

    def test_undefined_values_are_gaps_and_long_curves_are_thinned_to_their_last_point(self):
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

    def test_cells_name_their_samples_and_mistakes_have_pictures_first(self):
        content = matrix().content
        assert content["samples"]["0,1"] == ["s010", "s011"]
        assert next(iter(content["pictures"])) == "s010"
        assert content["pictures"]["s010"].startswith("data:image/png;base64,")
        large = np.ones((MOST_CLASSES + 1, MOST_CLASSES + 1), int)
        assert confusion_cells(large, ["x"] * len(large), ["x"] * len(large), {}) is None

    def test_a_sweep_has_all_classes_together_and_alone(self):
        content = sweep().content
        assert [group["name"] for group in content["groups"]] == ["all classes", "a", "b"]
        together, a, b = content["groups"]
        assert together["right"] == [x + y for x, y in zip(a["right"], b["right"], strict=True)]
        assert (together["truths"], content["used"]) == (7, 0.2)

    def test_a_figure_hands_its_form_on(self):
        form = Interactive("curves", {"panels": []})
        source = Figure("f", "F", "", lambda: Image.new("RGB", (4, 4)), "alt", lambda: form)
        (made,), problems = draw_all([source])
        assert (made.interactive, problems) == (form, [])


class TestPage:
    def test_the_library_is_unchanged_and_has_its_licence(self):
        folder = resources.files(uplot)
        for name, digest in uplot.DIGESTS.items():
            assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == digest
        assert set(uplot.DIGESTS) == {uplot.SCRIPT, uplot.STYLE, uplot.LICENCE}
        assert "MIT" in folder.joinpath(uplot.LICENCE).read_text("utf-8")
        assert f"v{uplot.VERSION}" in folder.joinpath(uplot.SCRIPT).read_text("utf-8")[:80]

    def test_scripts_are_there_once_and_only_where_they_are_needed(self):
        forms = [figure(sweep(), "one"), figure(training(TRAINED, []), "two")]
        page = render_report(ReportContent(title="x", figures=forms))
        assert page.count("var uPlot=") == page.count("function startInteractive") == 1
        plain = render_report(ReportContent(title="x", figures=[figure(None)]))
        assert "uPlot" not in plain
        assert "startInteractive" not in plain
        assert len(page) - len(plain) < 75_000

    def test_content_cannot_end_its_script(self):
        page = render_report(ReportContent(title="x", figures=[figure(matrix())]))
        content = re.search(r'class="interactive".*?json">(.*?)</script>', page, re.S).group(1)
        assert json.loads(content)["rows"] == ["cat", "dog", "<b>"]
        assert "<" not in content


@pytest.fixture(scope="module")
def text():
    figures = [
        figure(training([*TRAINED, *VALIDATED], ["accuracy"]), "training_curves"),
        figure(matrix(), "confusion"),
        figure(sweep(), "sweep"),
        figure(Interactive("unknown", {}), "broken"),
    ]
    return render_report(ReportContent(title="toy", figures=figures, browser=browser()))


@pytest.mark.skipif(BROWSER is None, reason="needs chromium to click")
class TestClicks:
    def test_curves_tell_their_values_and_hide(self, tmp_path, text):
        with opened(tmp_path, text) as page:
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

    def test_cells_show_their_samples_which_lead_to_the_image_browser(self, tmp_path, text):
        with opened(tmp_path, text, 500) as page:
            page.click(".cells tbody tr:nth-child(1) td:nth-child(3) button")
            assert page.texts(".samples p") == ["cat → dog: 2"]
            assert page.texts(".samples li") == ["s010", "s011"]
            assert page.value("document.querySelector('.samples img').naturalWidth") == 8
            page.click(".samples li button")  # s010 is a picture of the browser, s011 is not
            assert page.text(".browser [aria-current] span") == "s010"
            assert page.value("location.hash").startswith("#picture=s010")
            page.click(".cells tbody tr:nth-child(3) td:nth-child(4) button")
            assert page.texts(".samples p") == ["<b> → <b>: 6"]
            assert page.value("document.querySelectorAll('[aria-pressed=true]').length") == 1

    def test_the_threshold_moves_numbers_and_pictures(self, tmp_path, text):
        with opened(tmp_path, text) as page:
            assert page.text(".told") == (
                "confidence ≥ 0.200: precision 0.667, recall 0.857, F1 0.750; "
                "6 true positives, 3 false positives, 1 misses."
            )
            boxes = "[...document.querySelectorAll('.examples svg')].map((e) => e.children.length)"
            assert page.value(boxes) == [2, 2]  # the picture and one box each
            page.click(".interactive input[type=range]")
            assert page.text(".told").startswith(
                "confidence ≥ 0.500: precision 1.000, recall 0.714"
            )
            assert page.value(boxes) == [1, 2]
            assert page.value("document.querySelector('.browser input[type=range]').value") == "0.5"
            page.press("ArrowRight", 39)
            assert page.text(".told").startswith("confidence ≥ 0.600")
            chosen = "(() => { const e = document.querySelector('.interactive select');"
            page.value(f"{chosen} e.value = '2'; e.dispatchEvent(new Event('change')); }})()")
            assert "recall 0.667" in page.text(".told")

    @pytest.mark.parametrize("dark", [False, True])
    def test_they_fit_take_the_pictures_place_and_fail_alone(self, tmp_path, text, dark):
        with opened(tmp_path, text, 500, dark=dark) as page:
            assert page.value("document.documentElement.scrollWidth <= innerWidth")
            seen = "[...document.querySelectorAll('figure')].map((e) => e.className)"
            assert page.value(seen) == ["touched", "touched", "touched", ""]
            shown = "[...document.querySelectorAll('.paper')].map((e) => e.offsetParent !== null)"
            assert page.value(shown) == [False, False, False, True]
            inks = page.value(INKS)
            blue = training(TRAINED, []).content["panels"][0]["curves"][0]["look"]["colours"][dark]
            rgb = ",".join(str(int(blue[i : i + 2], 16)) for i in (1, 3, 5))
            assert rgb in inks
