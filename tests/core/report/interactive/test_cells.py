"""A confusion matrix whose cells show their samples."""

from __future__ import annotations

import numpy as np
import pytest
from browser import BROWSER
from clicked import opened
from touched_figures import matrix, whole_page

from nntasks.report.interactive.cells import MOST_CLASSES, confusion_cells


def test_cells_name_their_samples_and_mistakes_have_pictures_first():
    content = matrix().content
    assert content["samples"]["0,1"] == ["s010", "s011"]
    assert next(iter(content["pictures"])) == "s010"
    assert content["pictures"]["s010"].startswith("data:image/png;base64,")
    large = np.ones((MOST_CLASSES + 1, MOST_CLASSES + 1), int)
    assert confusion_cells(large, ["x"] * len(large), ["x"] * len(large), {}) is None


@pytest.mark.skipif(BROWSER is None, reason="needs chromium to click")
def test_cells_show_their_samples_which_lead_to_the_image_browser(tmp_path):
    with opened(tmp_path, whole_page(), 500) as page:
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
