"""The report of many runs: what it holds, and what it never replaces."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.experiments.report import require_own, write_html
from nntasks.interfaces.report_data import Figure, ReportContent, Table


@pytest.fixture
def page(tmp_path):
    return tmp_path / "report.html"


def fails():
    raise ValueError("no numbers")


def content(**more):
    return ReportContent(title="Two variants", **more)


def test_findings_come_first_and_figures_are_drawn(page):
    from matplotlib.figure import Figure as Drawing

    write_html(
        page,
        content(tables=[Table("t", "Numbers", ("n",), [(1,)])]),
        findings=["b is higher."],
        figures=[Figure("f", "Values", "All of them.", Drawing)],
    )
    text = page.read_text()
    assert text.index("Findings") < text.index("b is higher.") < text.index("Numbers")
    assert "data:image/webp" in text


def test_a_figure_that_fails_becomes_a_warning(page):
    write_html(page, content(), findings=[], figures=[Figure("f", "Values", "", fails)])
    text = page.read_text()
    assert "ValueError: no numbers" in text
    assert "Findings" not in text


def test_what_is_ours_may_be_replaced(page):
    require_own(page)  # nothing there
    write_html(page, content(), findings=[], figures=[])
    require_own(page)


@pytest.mark.parametrize("kind", ["text", "folder", "dangling"])
def test_what_is_not_ours_may_not(page, kind):
    if kind == "text":
        page.write_text("<html>" + " " * 5000 + '<meta name="generator" content="nntasks">')
    elif kind == "folder":
        page.mkdir()
    else:
        page.symlink_to("gone")
    with pytest.raises(UsageError) as told:
        require_own(page)
    assert str(told.value) == (
        f"{page} was not written by nntasks; move it, or choose another --out"
    )
