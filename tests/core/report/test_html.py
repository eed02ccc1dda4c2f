"""The HTML report: well formed, complete, offline, and safe with hostile text."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from nntasks.interfaces.report_data import DrawnFigure, ReportContent, Table
from nntasks.report.encoding import png
from nntasks.report.html import MAX_ITEMS, MAX_LOG_LINES, render_report

VOID = {"meta", "link", "img", "input", "br", "hr", "source"}
HOSTILE = (
    "</table><script>alert('x')</script>\" onload=\"go()\" & <img src='http://evil.example/x'>"
)


class Page(HTMLParser):
    """Reads a page, insisting on balanced tags, and keeps what tests ask for."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.texts, self.cells = [], [], {}, []
        self.feed(text)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        assert len({name for name, _ in attributes}) == len(attributes), "attribute given twice"
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        inner = self.open[-1] if self.open else ""
        self.texts.setdefault(inner, []).append(data)
        if self.cells and {"td", "th"} & set(self.open):
            self.cells[-1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def picture(width=40, height=30):
    return png(Image.fromarray(np.zeros((height, width, 3), dtype=np.uint8)))


def drawn(title, caption="", *, width=40, height=30, dark=None):
    data = picture(width, height)
    return DrawnFigure(title, title, caption, f"alt {title}", data, dark or data, width, height)


@pytest.fixture
def content():
    return ReportContent(
        title="toy: perceptron on clouds",
        subtitle={"task": "toy", "run": "20260102-030405-abcdef", "duration": "4.2 s"},
        headline=[("accuracy", 0.75, "right answers over all answers")],
        metrics=[("accuracy", 0.75, "right answers"), ("map_small", math.nan, "small ones")],
        tables=[Table("per_class", "Per class", ("class", "AP"), [("left", 0.5)], "By class.")],
        figures=[drawn("Training", "Loss falls.")],
        configuration=[("lr", 0.01, 0.01, "rate"), ("epochs", 5, 3, "passes")],
        environment={"python": "3.11", "packages": {"torch": {"version": "2.14"}}},
        items=[{"id": "a", "f1": 0.5}, {"id": "b", "found": 3}],
        warnings=["a plugin was not used"],
        log=["one", "two"],
        command="nntasks run toy epochs=5 seed=0",
        citation="nntasks 0.1.0, run abc.",
    )


def test_the_page_is_well_formed_and_has_every_section(content):
    page = Page(render_report(content))
    headings = page.texts["h2"]
    assert headings == [
        "Warnings",
        "Metrics",
        "Figures",
        "Tables",
        "Items",
        "Configuration",
        "Environment",
        "Log",
        "Reproduce",
    ]
    assert page.texts["h1"] == [content.title]
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert page.all("html") == [{"lang": "en"}]


def test_links_lead_to_sections_that_exist_and_ids_are_unique(content):
    page = Page(render_report(content))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [attributes["href"] for attributes in page.all("a")]
    assert len(targets) == 9
    assert all(target[0] == "#" and target[1:] in ids for target in targets)


def test_sections_without_content_are_left_out():
    page = Page(render_report(ReportContent(title="empty")))
    assert "h2" not in page.texts
    assert page.all("table") == []


def test_pictures_and_tables_have_their_words(content):
    page = Page(render_report(content))
    (image,) = page.all("img")
    assert image["alt"] == "alt Training"
    assert (image["width"], image["height"]) == ("40", "30")
    assert image["src"] == "data:image/png;base64," + base64.b64encode(picture()).decode()
    assert len(page.texts["caption"]) == len(page.all("table"))
    assert {a.get("scope") for a in page.all("th")} == {"col", "row"}


def test_nothing_is_fetched_from_outside(content):
    text = render_report(replace(content, title=HOSTILE))
    page = Page(text)
    loading = {"src", "href", "srcset", "action", "data", "poster", "background", "formaction"}
    addresses = [v for _, attributes in page.tags for k, v in attributes.items() if k in loading]
    assert len(addresses) > 5
    assert all(address.startswith(("#", "data:")) for address in addresses)
    styles = "".join(page.texts["style"])
    assert "url(" not in styles
    assert "@import" not in styles
    script = "".join(page.texts["script"])
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|import\(|https?:", script)
    assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)


def test_the_security_policy_allows_this_style_and_script_alone(content):
    page = Page(render_report(content))
    policy = next(a["content"] for a in page.all("meta") if "http-equiv" in a)
    for kind in ("style", "script"):
        (source,) = page.texts[kind]
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not any("style" in attributes for _, attributes in page.tags)


def test_hostile_text_stays_text_wherever_it_stands(content):
    harmless = Page(render_report(content))
    evil = replace(
        content,
        title=HOSTILE,
        subtitle={HOSTILE: HOSTILE, "b": HOSTILE, "c": HOSTILE},
        headline=[(HOSTILE, 0.75, HOSTILE)],
        metrics=[(HOSTILE, 0.75, HOSTILE), (HOSTILE, math.nan, HOSTILE)],
        tables=[Table(HOSTILE, HOSTILE, (HOSTILE, HOSTILE), [(HOSTILE, 0.5)], HOSTILE)],
        figures=[drawn(HOSTILE, HOSTILE)],
        configuration=[("lr", HOSTILE, HOSTILE, HOSTILE), (HOSTILE, HOSTILE, "", HOSTILE)],
        environment={HOSTILE: HOSTILE, "packages": {HOSTILE: {HOSTILE: HOSTILE}}},
        items=[{"id": HOSTILE, HOSTILE: HOSTILE}, {"id": "b", "x": [HOSTILE]}],
        warnings=[HOSTILE],
        log=[HOSTILE, HOSTILE],
        command=HOSTILE,
        citation=HOSTILE,
    )
    page = Page(render_report(evil))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in harmless.tags]
    assert page.texts["h1"] == [HOSTILE]
    assert page.texts["blockquote"] == [HOSTILE]
    assert page.cells.count(HOSTILE) > 10


def test_control_characters_and_broken_file_names_can_be_written(content):
    name = b"caf\xe9\x00\x1b[31m.jpg".decode("utf-8", "surrogateescape")
    text = render_report(replace(content, items=[{"id": name}]))
    assert "caf?\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[31m.jpg" in text
    assert text.encode("utf-8").count(b"\x00") == 0


def test_equal_content_gives_an_equal_page(content):
    assert render_report(content) == render_report(replace(content))
    assert render_report(content) != render_report(replace(content, citation="another"))


def test_many_items_are_capped_and_the_page_says_so(content):
    items = [{"id": f"item{number}"} for number in range(MAX_ITEMS + 7)]
    page = Page(render_report(replace(content, items=items)))
    shown = [cell for cell in page.cells if cell.startswith("item")]
    assert shown == [f"item{number}" for number in range(MAX_ITEMS)]
    assert (
        f"The first {MAX_ITEMS} of {MAX_ITEMS + 7} rows; all of them are in items.csv."
        in (page.texts["p"])
    )


def test_exactly_as_many_items_as_fit_are_all_shown(content):
    items = [{"id": f"item{number}"} for number in range(MAX_ITEMS)]
    page = Page(render_report(replace(content, items=items)))
    assert f"{MAX_ITEMS} rows, as in items.csv." in page.texts["p"]


def test_of_a_long_log_the_end_is_shown(content):
    lines = [f"line {number}" for number in range(MAX_LOG_LINES + 3)]
    page = Page(render_report(replace(content, log=lines)))
    assert f"line {MAX_LOG_LINES + 2}" in page.texts["pre"][0]
    assert "line 2\n" not in page.texts["pre"][0]
    assert any(f"The last {MAX_LOG_LINES} of" in text for text in page.texts["summary"])


def test_items_with_different_keys_share_one_table(content):
    page = Page(render_report(content))
    start = page.cells.index("id")
    assert page.cells[start : start + 9] == ["id", "f1", "found", "a", "0.5000", "", "b", "", "3"]


def test_numbers_are_aligned_formatted_and_sortable(content):
    page = Page(render_report(content))
    cells = [a for a in page.all("td") if a.get("class") == "number"]
    assert {"0.75", "nan", "0.5", "3.0"} <= {a.get("data-value") for a in cells}
    assert page.cells.count("0.7500") == 1
    assert "nan" in page.cells
    endless = [Table("t", "t", ("a", "b"), [("x", math.inf), ("y", -math.inf)])]
    text = render_report(replace(content, tables=endless))
    assert 'data-value="Infinity"' in text
    assert 'data-value="-Infinity"' in text


def test_changed_keys_come_first_and_say_so_in_words(content):
    page = Page(render_report(content))
    keys = [cell for cell in page.cells if cell.startswith(("lr", "epochs"))]
    assert keys == ["epochs changed", "lr"]
    assert "1 of 2 keys differs from its default; changed ones come first." in page.texts["p"]


def test_configured_numbers_are_shown_as_they_were_given(content):
    settings = [("lr", 1e-5, 0.01, "rate"), ("weights", None, None, ""), ("name", "", "", "")]
    page = Page(render_report(replace(content, configuration=settings)))
    assert page.texts["code"] == ["1e-05", "0.01", "–", "–", "(empty)", "(empty)"]


def test_the_environment_is_listed_to_its_leaves(content):
    page = Page(render_report(content))
    where = page.cells.index("packages / torch / version")
    assert page.cells[where + 1] == "2.14"


def test_ragged_rows_get_whole_rows_of_cells(content):
    table = Table("t", "Ragged", ("a", "b"), [(1,), (1, 2, 3), ()])
    page = Page(render_report(replace(content, tables=[table])))
    start = page.cells.index("a")
    assert page.cells[start : start + 8] == ["a", "b", "1", "", "1", "2", "", ""]


def test_a_picture_of_another_format_is_refused(content):
    gif = replace(drawn("x"), light=b"GIF89a" + bytes(40))
    with pytest.raises(ValueError, match=r"figure 'x': expected the bytes of a PNG, JPEG or WebP"):
        render_report(replace(content, figures=[gif]))


def test_a_dark_page_gets_the_dark_picture(content):
    dark = picture(41)
    page = Page(render_report(replace(content, figures=[drawn("x", dark=dark)])))
    (source,) = page.all("source")
    assert source == {
        "media": "screen and (prefers-color-scheme: dark)",
        "srcset": "data:image/png;base64," + base64.b64encode(dark).decode(),
    }
    assert Page(render_report(content)).all("source") == []


def test_wide_pictures_take_the_whole_width(content):
    figures = [drawn("a", width=40, height=20), drawn("b", width=40, height=21)]
    page = Page(render_report(replace(content, figures=figures)))
    assert [a.get("class") for a in page.all("figure")] == ["wide", None]
