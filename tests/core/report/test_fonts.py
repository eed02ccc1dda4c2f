"""Labels in any script."""

from __future__ import annotations

import io
import warnings

import pytest

from nntasks.report import fonts, style

NO_FONT_HAS_IT = "\U000f1234"  # a code point of private use


def draw(label):
    with style.applied():
        figure = style.new_figure(2, 1)
        figure.add_subplot().set_title(label)
        figure.savefig(io.BytesIO(), format="png")


def test_letters_that_no_font_has_are_told_once_in_one_line(caplog, recwarn):
    fonts.ONCE.passed.clear()
    for _ in range(2):
        draw(f"a {NO_FONT_HAS_IT}")
    assert [record.message.partition(",")[0] for record in caplog.records] == [
        "figures show some letters as boxes"
    ]
    assert not [w for w in recwarn if "missing from font" in str(w.message)]


def test_ordinary_labels_are_told_nothing_of(caplog):
    fonts.ONCE.passed.clear()
    draw("Größe, Ωμέγα, Привет")
    assert caplog.records == []


def test_other_warnings_go_on():
    with pytest.warns(UserWarning, match="something else"), fonts.missing_letters_reported_once():
        warnings.warn("something else", UserWarning, stacklevel=1)


def test_the_fonts_of_the_system_come_behind_the_one_that_matplotlib_brings():
    assert fonts.families()[0] == "DejaVu Sans"
