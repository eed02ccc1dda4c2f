"""The content of a report: equal values make equal reports, and nothing is drawn too early."""

from __future__ import annotations

import pytest

from nntasks.interfaces.report_data import Figure, ReportContent, Table


def test_equal_content_is_equal():
    def content():
        return ReportContent("a run", {"task": "toy"}, tables=[Table("t", "T", ("a",), [(1,)])])

    assert content() == content()
    assert content() != ReportContent("a run", {"task": "other"})


@pytest.mark.parametrize("field", ["subtitle", "intervals", "environment", "verdict"])
def test_reports_do_not_share_their_mappings(field):
    one, other = ReportContent("a"), ReportContent("b")
    assert getattr(one, field) == {}
    assert getattr(one, field) is not getattr(other, field)


def test_a_figure_is_drawn_when_it_is_asked_for_and_not_before():
    figure = Figure("f", "F", "", lambda: 1 / 0)
    assert (figure.alt, figure.interactive) == ("", None)
    with pytest.raises(ZeroDivisionError):
        figure.draw()
