"""The report in a real browser; skipped where there is none."""

from __future__ import annotations

import pytest
from browser import BROWSER, acted, dom
from PIL import Image

from nntasks.interfaces.report_data import DrawnFigure, ReportContent, Table
from nntasks.report.encoding import encoded as as_files
from nntasks.report.figures import training_curves
from nntasks.report.gallery import encoded
from nntasks.report.html import render_report

pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs chromium to look at the report")

# Runs after the report's own script: sorts, filters and enlarges as a reader would.
ACTIONS = """
<script>
const table = document.querySelector("#items table");
const shown = () => [...table.tBodies[0].rows].filter((row) => !row.hidden);
const ids = () => shown().map((row) => row.cells[0].textContent);
const buttons = [...table.tHead.querySelectorAll("button")];
const click = (name) => buttons.find((button) => button.textContent === name).click();
const seen = {};
click("score"); seen.up = ids().slice(0, 3).concat(ids().slice(-1));
click("score"); seen.down = ids().slice(0, 3).concat(ids().slice(-1));
seen.aria = table.querySelector("[aria-sort]").getAttribute("aria-sort");
const input = document.querySelector("#items input");
input.value = "item1"; input.dispatchEvent(new Event("input")); seen.filtered = ids().sort();
document.querySelector(".enlarge").click();
const titles = () => [...document.querySelectorAll(".gallery h3")];
const cards = () => titles().map((title) => title.textContent);
const choice = document.querySelector("#gallery select");
seen.listed = cards();
choice.value = "0"; choice.dispatchEvent(new Event("change")); seen.rising = cards();
document.querySelector("#gallery .filter button").click(); seen.falling = cards();
choice.value = "-1"; choice.dispatchEvent(new Event("change")); seen.back = cards();
seen.choices = [...choice.options].map((option) => option.textContent);
seen.open = document.querySelector("dialog").open;
document.querySelector("dialog").click();
seen.closed = !document.querySelector("dialog").open;
seen.wide = document.documentElement.scrollWidth > innerWidth;
seen.picture = document.querySelector("figure img").naturalWidth > 100;
document.title = JSON.stringify(seen);
</script>
"""


@pytest.fixture
def content():
    curves = training_curves([{"split": "train", "step": 1, "epoch": 1, "loss": 1.0}])
    made = as_files(curves)
    scores = [float("nan") if n == 5 else (n * 7) % 13 - 3.5 for n in range(13)]
    return ReportContent(
        title="toy",
        headline=[("accuracy", 0.75, "right answers over all answers")],
        figures=[DrawnFigure("curves", "Training", "", "a", made.light, made.dark, 422, 240)],
        tables=[Table("t", "Wide", [f"column {n}" for n in range(30)], [list(range(30))])],
        items=[{"id": f"item{n}", "score": score} for n, score in enumerate(scores)],
        thumbnails=encoded(
            (f"item{n}", Image.new("RGB", (40, 20), (20 * n, 0, 0))) for n in (2, 1, 5)
        ),
        command="nntasks run toy " + " ".join(f"key{n}=value" for n in range(40)),
    )


@pytest.mark.parametrize("width", [1280, 500])
def test_sorting_filtering_and_enlarging(tmp_path, content, width):
    assert acted(tmp_path, render_report(content), width, ACTIONS) == {
        "up": ["item0", "item2", "item4", "item5"],
        "down": ["item11", "item9", "item7", "item5"],
        "aria": "descending",
        "filtered": ["item1", "item10", "item11", "item12"],
        "listed": ["item1", "item2", "item5"],
        "rising": ["item2", "item1", "item5"],
        "falling": ["item1", "item2", "item5"],
        "back": ["item5", "item2", "item1"],
        "choices": ["as listed", "score"],
        "open": True,
        "closed": True,
        "wide": False,
        "picture": True,
    }


def test_the_security_policy_lets_the_page_work_and_stops_the_rest(tmp_path, content):
    foreign = "<script>document.title = 'taken over'</script>"
    text = render_report(content)
    page = dom(tmp_path, text.replace("</main>", f"{foreign}</main>"), 1280)
    assert 'class="enlarge"' in page
    assert "<title>toy</title>" in page
