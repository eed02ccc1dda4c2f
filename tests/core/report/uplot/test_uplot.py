"""The chart library on pages: unchanged, with its licence, and only where it is needed."""

from __future__ import annotations

import hashlib
import json
import re
from importlib import resources

from PIL import Image
from touched_figures import TRAINED, figure, matrix, sweep

from nntasks.interfaces.report_data import Figure, Interactive, ReportContent
from nntasks.report import uplot
from nntasks.report.drawing import draw_all
from nntasks.report.html import render_report
from nntasks.report.interactive.curves import training


def test_the_library_is_unchanged_and_has_its_licence():
    folder = resources.files(uplot)
    for name, digest in uplot.DIGESTS.items():
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == digest
    assert set(uplot.DIGESTS) == {uplot.SCRIPT, uplot.STYLE, uplot.LICENCE}
    assert "MIT" in folder.joinpath(uplot.LICENCE).read_text("utf-8")
    assert f"v{uplot.VERSION}" in folder.joinpath(uplot.SCRIPT).read_text("utf-8")[:80]


def test_scripts_are_there_once_and_only_where_they_are_needed():
    forms = [figure(sweep(), "one"), figure(training(TRAINED, []), "two")]
    page = render_report(ReportContent(title="x", figures=forms))
    assert page.count("var uPlot=") == page.count("function startInteractive") == 1
    plain = render_report(ReportContent(title="x", figures=[figure(None)]))
    assert "uPlot" not in plain
    assert "startInteractive" not in plain
    assert len(page) - len(plain) < 75_000


def test_content_cannot_end_its_script():
    page = render_report(ReportContent(title="x", figures=[figure(matrix())]))
    content = re.search(r'class="interactive".*?json">(.*?)</script>', page, re.S).group(1)
    assert json.loads(content)["rows"] == ["cat", "dog", "<b>"]
    assert "<" not in content


def test_a_figure_hands_its_form_on():
    form = Interactive("curves", {"panels": []})
    source = Figure("f", "F", "", lambda: Image.new("RGB", (4, 4)), "alt", lambda: form)
    (made,), problems = draw_all([source])
    assert (made.interactive, problems) == (form, [])
