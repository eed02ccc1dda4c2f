"""Sliders of NMS in a notebook: a page in a frame of its own."""

from __future__ import annotations

import html
import re

import pytest
from browser import BROWSER
from clicked import opened
from raw_boxes import Output

from nntasks.plugins.yolo_detect import NmsSliders


def test_the_frame_holds_the_page():
    shown = NmsSliders(Output(40), Output(30, 1), confidence=0.3)
    page = html.unescape(re.search(r'srcdoc="(.*?)" title', shown._repr_html_(), re.S).group(1))
    assert page == shown.page()
    assert "picture 2" in page
    assert "builders.suppression" in page
    assert "2 pictures" in repr(shown)


@pytest.mark.skipif(BROWSER is None, reason="needs chromium to click")
def test_the_sliders_work_inside_of_a_notebook(tmp_path):
    notebook = f"<!DOCTYPE html><body>{NmsSliders(Output(40))._repr_html_()}</body>"
    inside = "document.querySelector('iframe').contentDocument"
    with opened(tmp_path, notebook) as tab:
        assert tab.value(f"{inside}.querySelector('.told').textContent").endswith("after NMS")
        assert tab.value(f"{inside}.querySelectorAll('.pair rect').length") > 10
