"""Boxes before and after NMS: the page's NMS is that of the kernels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from browser import BROWSER
from clicked import opened
from raw_boxes import Output
from touched_figures import figure as touched

from nntasks.interfaces.report_data import ReportContent
from nntasks.ops import batched_nms
from nntasks.plugins.yolo_detect.suppression_view import LOWEST, MOST, figure, raw_boxes, sliders
from nntasks.report.html import render_report


def test_the_strongest_boxes_come_first():
    found = raw_boxes(Output(1000))
    assert len(found) == MOST
    assert (np.diff(found.scores) <= 0).all()
    assert raw_boxes(Output(20)).scores.min() > LOWEST


def test_nothing_is_computed_before_the_figure_is_drawn():
    asked = []

    def outputs():
        asked.append(1)
        return [("a", Output()), ("b", Output(60, 1))]

    made = figure(outputs, 0.25, 0.45)
    assert asked == []
    before, after = made.draw().crop((0, 0, 400, 300)), made.draw().crop((410, 0, 810, 300))
    assert before.tobytes() != after.tobytes()
    assert [one["id"] for one in made.interactive().content["pictures"]] == ["a", "b"]


@pytest.mark.skipif(BROWSER is None, reason="needs chromium to click")
def test_the_sliders_do_what_the_kernel_does(tmp_path):
    form = sliders([("a", Output()), ("b", Output(60, 1))], 0.25, 0.45)
    page = render_report(ReportContent(title="nms", figures=[touched(form)]))
    numbers = [np.array(picture["boxes"], float) for picture in form.content["pictures"]]
    counts = []

    def expected(which, confidence, iou):
        rows = numbers[which]
        rows = rows[rows[:, 4] / 1000 >= confidence]
        boxes, scores, labels = (torch.from_numpy(rows[:, part]) for part in (slice(4), 4, 5))
        return f"{len(rows)} boxes, {len(batched_nms(boxes, scores, labels.long(), iou))} after NMS"

    with opened(tmp_path, page, 500) as tab:
        assert tab.text(".told") == expected(0, 0.25, 0.45)
        for share in (0.1, 0.4, 0.75, 0.95):
            tab.click(".tools label:nth-of-type(2) input", share)
            iou = float(tab.text(".tools label:nth-of-type(2) output"))
            assert tab.text(".told") == expected(0, 0.25, iou)
            counts.append(
                tab.value("document.querySelectorAll('.pair figure + figure rect').length")
            )
        assert counts == sorted(counts)
        assert counts[0] < counts[-1]
        tab.click(".tools label:nth-of-type(1) input", 0.7)
        confidence = float(tab.text(".tools label:nth-of-type(1) output"))
        assert confidence > 0.6
        assert tab.text(".told") == expected(0, confidence, iou)
        chosen = "(() => { const e = document.querySelector('.interactive select');"
        tab.value(f"{chosen} e.value = '1'; e.dispatchEvent(new Event('input')); }})()")
        assert tab.text(".told") == expected(1, confidence, iou)
        assert tab.value("document.documentElement.scrollWidth <= innerWidth")
