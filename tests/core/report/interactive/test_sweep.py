"""Precision against recall with a slider for the threshold."""

from __future__ import annotations

import pytest
from browser import BROWSER
from clicked import opened
from touched_figures import sweep, whole_page


def test_a_sweep_has_all_classes_together_and_alone():
    content = sweep().content
    assert [group["name"] for group in content["groups"]] == ["all classes", "a", "b"]
    together, a, b = content["groups"]
    assert together["right"] == [x + y for x, y in zip(a["right"], b["right"], strict=True)]
    assert (together["truths"], content["used"]) == (7, 0.2)


@pytest.mark.skipif(BROWSER is None, reason="needs chromium to click")
def test_the_threshold_moves_numbers_and_pictures(tmp_path):
    with opened(tmp_path, whole_page()) as page:
        assert page.text(".told") == (
            "confidence ≥ 0.200: precision 0.667, recall 0.857, F1 0.750; "
            "6 true positives, 3 false positives, 1 misses."
        )
        boxes = "[...document.querySelectorAll('.examples svg')].map((e) => e.children.length)"
        assert page.value(boxes) == [2, 2]  # the picture and one box each
        page.click(".interactive input[type=range]")
        assert page.text(".told").startswith("confidence ≥ 0.500: precision 1.000, recall 0.714")
        assert page.value(boxes) == [1, 2]
        assert page.value("document.querySelector('.browser input[type=range]').value") == "0.5"
        page.press("ArrowRight", 39)
        assert page.text(".told").startswith("confidence ≥ 0.600")
        chosen = "(() => { const e = document.querySelector('.interactive select');"
        page.value(f"{chosen} e.value = '2'; e.dispatchEvent(new Event('change')); }})()")
        assert "recall 0.667" in page.text(".told")
