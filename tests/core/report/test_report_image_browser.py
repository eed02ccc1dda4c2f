"""The image browser of a report: its data, and its use in a real browser."""

from __future__ import annotations

import html
import io
import json
import math
import re

import pytest
from browser import BROWSER, acted, dom
from PIL import Image

from nntasks.interfaces.pictures import BrowsedPicture, ImageBrowser, Outline, OutlineKind
from nntasks.interfaces.report_data import ReportContent
from nntasks.report.browser import image_browser
from nntasks.report.html import render_report

KINDS = (
    OutlineKind("right", "#2ecc71", "a match."),
    OutlineKind("wrong", "#ff5e57", "no match."),
    OutlineKind("object", "#ffffff", "the truth.", dashed=True, shown=False),
)


def jpeg(shade):
    content = io.BytesIO()
    Image.new("RGB", (40, 20), (shade, 0, 0)).save(content, format="JPEG")
    return content.getvalue()


@pytest.fixture
def made():
    outlines = [
        [Outline((1, 2, 10, 12), "cat", 0, 0.9), Outline((1, 2, 9, 12), "cat", 2)],
        [Outline((5, 5, 20, 15), "dog", 1, 0.4, "of cat")],
        [Outline((0, 0, 4, 0, 4, 4), "cat", 1, 0.8)],
        [],
    ]
    cost = [0.25, 1.5, math.nan, -0.5]
    return ImageBrowser(
        KINDS,
        [
            BrowsedPicture(f"</script>{i}", jpeg(60 * i), 40, 20, {"cost": cost[i]}, outlines[i])
            for i in range(4)
        ],
        "Four pictures.",
    )


def test_the_data_is_json_that_cannot_end_the_script(made):
    view = image_browser(made)
    assert "<" not in view.data
    data = json.loads(view.data)
    assert data["labels"] == ["cat", "dog"]
    assert data["numbers"] == ["cost"]
    assert [picture[4] for picture in data["pictures"]] == [[0.25], [1.5], [None], [-0.5]]
    assert data["notes"] == ["", "of cat"]
    assert data["pictures"][1][5] == [1, 1, 1, 400, 4, 50, 50, 200, 150]
    assert data["pictures"][0][5][9:14] == [0, 2, 0, -1, 4]
    assert data["pictures"][0][1].startswith("data:image/jpeg;base64,")


def test_a_path_becomes_an_address(made):
    odd = BrowsedPicture("a", "my photos/a#1?.jpg", 1, 1)
    data = json.loads(image_browser(ImageBrowser(KINDS, [odd])).data)
    assert data["pictures"][0][1] == "my%20photos/a%231%3F.jpg"


def test_a_report_without_pictures_has_no_browser(made):
    assert "ImageBrowser" not in render_report(ReportContent(title="toy"))
    page = render_report(ReportContent(title="toy", browser=made))
    assert page.count("class ImageBrowser") == 1
    assert "img-src data:;" in page
    assert "Four pictures." in page


def test_a_page_may_load_the_files_that_it_names():
    odd = ImageBrowser(KINDS, [BrowsedPicture("a", "photos/a.jpg", 1, 1)])
    page = html.unescape(render_report(ReportContent(title="x", browser=odd)))
    assert "img-src data: 'self' file:;" in page


ACTIONS = """
<script>
const root = document.querySelector(".browser");
const entries = () => [...root.querySelectorAll(".entries button span:first-child")];
const names = () => entries().map((entry) => entry.textContent.slice(-1)).join("");
const current = () => root.querySelector("[aria-current] span").textContent.slice(-1);
const marks = () => [...root.querySelectorAll(".marks li")].map((item) => item.textContent);
const set = (selector, value, event) => {
  const element = root.querySelector(selector);
  element.value = value;
  element.dispatchEvent(new Event(event));
};
const press = (key) => {
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
};
const tick = (kind) => [...root.querySelectorAll("input[type=checkbox]")][kind].click();
const seen = { address: location.hash, listed: names(), at: current(), marks: marks() };
root.scrollIntoView();
press("ArrowRight"); seen.next = current(); seen.nextMarks = marks();
press("p"); press("p"); seen.back = current();
set("select[aria-label='Sort by']", "0", "change"); seen.costliest = names();
set("select[aria-label='Class']", "0", "change"); seen.cats = names();
set("select[aria-label='Class']", "-1", "change");
set("input[type=range]", "0.6", "input"); seen.sure = names();
set("input[type=range]", "0", "input");
tick(1); seen.onlyRight = names();
seen.address = location.hash;
tick(0); seen.nothing = [names(), root.querySelector(".stage").textContent];
tick(0); tick(1); tick(2); seen.truth = marks();
seen.shapes = ["rect", "image"].map((name) => root.querySelectorAll(`.stage ${name}`).length);
seen.wide = document.documentElement.scrollWidth > innerWidth;
document.title = JSON.stringify(seen);
</script>
"""


HIDDEN = """
<script>
const tool = (selector) => document.querySelector(`.browser .tools ${selector}`);
const gone = (selector) => tool(selector).offsetParent === null;
document.title = JSON.stringify({
  class: gone("select[aria-label='Class']"),
  confidence: gone("input[type=range]"),
  names: gone("label:last-child input"),
  kind: gone("input[type=checkbox]"),
});
</script>
"""


@pytest.mark.skipif(BROWSER is None, reason="needs chromium to look at the report")
class TestInABrowser:
    @pytest.mark.parametrize("width", [1280, 500])
    def test_filters_order_and_keys(self, tmp_path, made, width):
        page = render_report(ReportContent(title="toy", browser=made))
        assert acted(tmp_path, page, width, ACTIONS) == {
            "address": "#picture=%3C%2Fscript%3E0&kinds=right&sort=-cost",
            "listed": "0123",
            "at": "0",
            "marks": ["right: cat 0.90"],
            "next": "1",
            "nextMarks": ["wrong: dog 0.40 (of cat)"],
            "back": "0",
            "costliest": "1032",
            "cats": "02",
            "sure": "02",
            "onlyRight": "0",
            "nothing": ["", "No picture matches the filters."],
            "truth": ["right: cat 0.90", "object: cat"],
            "shapes": [2, 1],
            "wide": False,
        }

    def test_an_address_leads_back(self, tmp_path, made):
        page = render_report(ReportContent(title="toy", browser=made))
        start = '<script>location.hash = "picture=%3C%2Fscript%3E2&kinds=wrong&class=cat";</script>'
        shown = dom(
            tmp_path,
            page.replace("<body>", f"<body>{start}", 1).replace(
                re.search(r'<meta http-equiv="Content-Security-Policy"[^>]*>', page).group(0), ""
            ),
            1280,
        )
        assert re.search(r'aria-current="true"><span>&lt;/script&gt;2<', shown)
        assert shown.count("<polygon") == 1

    def test_what_there_is_nothing_of_has_no_control(self, tmp_path):
        outline = Outline((0, 0, 4, 0, 4, 4), "object", 0)
        only = ImageBrowser(KINDS, [BrowsedPicture("a", jpeg(9), 40, 20, {}, [outline])])
        page = render_report(ReportContent(title="toy", browser=only))
        seen = acted(tmp_path, page, 1280, HIDDEN)
        assert seen == {"class": True, "confidence": True, "names": True, "kind": False}

    def test_thousands_of_pictures_need_few_elements(self, tmp_path):
        many = [BrowsedPicture(f"p{n}", "p.jpg", 9, 9, {"n": n}) for n in range(5000)]
        page = render_report(ReportContent(title="toy", browser=ImageBrowser(KINDS, many)))
        shown = dom(tmp_path, page, 1280)
        assert "1 of 5000, 5000 in all" in shown
        assert shown.count("<li") < 150
