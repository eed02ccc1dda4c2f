"""The map in a real browser: search, zoom, hover, keys, groups; skipped where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from browser import BROWSER, acted, dom

from nntasks.plugins.embedding_analysis.maps.page import MapContent, render_map

pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs chromium to look at the map")

WORDS = ["paris", "rome", "北京", "</script>", "dog", "cat"]

# Runs after the page's own script: searches, points, zooms and presses keys as a reader would.
ACTIONS = """
<script>
const seen = {}, by = (id) => document.getElementById(id), canvas = by("map");
const heading = () => document.querySelector("#details h2").textContent;
const ink = () => {
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let hash = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i]) hash = (hash * 31 + i) % 1000000007;
  return hash;
};
const search = (text) => { by("query").value = text; by("find").requestSubmit(); };
const press = (key) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
const point = (kind, x, y) => canvas.dispatchEvent(
  new PointerEvent(kind, { clientX: x, clientY: y, bubbles: true }));
const box = canvas.getBoundingClientRect();
setTimeout(() => {
  const empty = ink();
  seen.drawn = empty > 0;
  seen.before = heading();
  search("PAR"); seen.found = heading();
  seen.told = [...document.querySelectorAll("#details p")].map((p) => p.textContent);
  seen.near = [...document.querySelectorAll("#details li")].map((li) => li.textContent);
  seen.absent = document.querySelector("#details li:nth-child(2) button").disabled;
  document.querySelector("#details li button").click(); seen.clicked = heading();
  search("nothing"); seen.missing = document.getElementById("details").textContent;
  press("Escape"); seen.free = heading();
  const whole = ink();
  press("+"); seen.zoomed = ink() !== whole;
  press("ArrowLeft"); press("0"); seen.whole = ink() === whole;
  press("n"); press("n"); seen.next = heading();
  press("p"); seen.previous = heading();
  press("Escape");
  // The first word of the first layout lies at the left end and the bottom.
  let hit = "";
  for (let x = 0; x < box.width && !hit; x += 8) for (let y = 0; y < box.height && !hit; y += 8) {
    point("pointermove", box.left + x, box.top + y);
    if (heading() === "dog") hit = heading();
  }
  seen.hover = hit;
  point("pointerleave", 0, 0); seen.left = heading();
  const shown = ink();
  document.querySelector("#groups button").click(); seen.hidden = ink() !== shown;
  seen.pressed = document.querySelector("#groups button").getAttribute("aria-pressed");
  search("paris");
  seen.shownAgain = document.querySelector("#groups button").getAttribute("aria-pressed");
  by("layout").value = "1"; by("layout").dispatchEvent(new Event("change"));
  seen.other = ink() !== shown;
  by("set").value = "1"; by("set").dispatchEvent(new Event("change"));
  seen.otherSet = document.querySelector("#details li").textContent;
  const light = document.documentElement.dataset.theme;
  by("theme").click(); seen.dark = document.documentElement.dataset.theme !== light;
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "/" }));
  seen.focus = document.activeElement.id;
  seen.wide = document.documentElement.scrollWidth > innerWidth;
  document.title = JSON.stringify(seen);
}, 300);
</script>
"""


@pytest.fixture(scope="module")
def page():
    places = np.array([[0, 0], [1, 0.2], [2, 0.1], [0.5, 2], [3, 1.5], [2.5, 1]])
    near = [[("rome", 0.9), ("london", 0.8)]] + [[("paris", 0.9)]] * 5
    other = [[("dog", 0.5)]] * 6
    groups = dict(zip(WORDS, ["town"] * 3 + ["thing"] * 3, strict=True))
    return render_map(
        MapContent(
            "Some words",
            groups,
            [1, 2, 3, 4, 5, 6],
            [1234567, 90, 80, 70, 60, 50],
            {"pca": {"a": places, "b": places[::-1]}, "tsne": {"a": places * [1, -1], "b": places}},
            {"a": near, "b": other},
        )
    )


@pytest.mark.parametrize("width", [1280, 500])
def test_a_reader_finds_a_way_about(tmp_path, page, width):
    assert acted(tmp_path, page, width, ACTIONS) == {
        "drawn": True,
        "before": "6 words",
        "found": "paris",
        "told": ["town", "rank 1 by frequency, occurs 1,234,567 times"],
        "near": ["rome0.900", "london0.800"],
        "absent": True,
        "clicked": "rome",
        "missing": "nothingis not on this map",
        "free": "6 words",
        "zoomed": True,
        "whole": True,
        "next": "rome",
        "previous": "paris",
        "hover": "dog",
        "left": "6 words",
        "hidden": True,
        "pressed": "false",
        "shownAgain": "true",
        "other": True,
        "otherSet": "dog0.500",
        "dark": True,
        "focus": "query",
        "wide": False,
    }


def test_the_security_policy_lets_the_map_work_and_stops_the_rest(tmp_path, page):
    foreign = "<script>document.title = 'taken over'</script>"
    seen = dom(tmp_path, page.replace("</main>", f"{foreign}</main>"), 1280)
    assert 'aria-pressed="true"' in seen
    assert "<title>Some words</title>" in seen


def test_the_page_asks_for_nothing_and_is_the_same_every_time(page):
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    assert page.count("<script") == page.count("</script>") == 2
