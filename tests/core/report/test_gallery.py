"""The gallery: which samples are shown, in which order, with which numbers."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from nntasks.interfaces.report_data import ReportContent
from nntasks.report.gallery import encoded, shown
from nntasks.report.html import render_report


def page(names, items, caption=""):
    pictures = [(name, Image.new("RGB", (8, 6), "red")) for name in names]
    return render_report(
        ReportContent(
            "toy",
            items=items,
            thumbnails=encoded(pictures),
            thumbnails_caption=caption,
        )
    )


def test_few_samples_are_all_shown():
    assert shown("cab", 3) == ["c", "a", "b"]


@pytest.mark.parametrize(("total", "most"), [(7, 6), (100, 10), (1000, 300), (5, 1), (9, 8)])
def test_of_many_the_first_half_and_others_up_to_the_last(total, most):
    chosen = shown(range(total), most)
    assert len(set(chosen)) == len(chosen) == most
    assert chosen[: most // 2] == list(range(most // 2))
    assert chosen == sorted(chosen)
    assert most == 1 or chosen[-1] == total - 1


def test_cards_come_in_the_order_of_the_items_with_their_numbers():
    text = page(["b", "a", "alone"], [{"id": "a", "score": 0.5, "kind": "x"}, {"id": "b"}], "Red.")
    places = [text.index(f"<h3>{name}</h3>") for name in ("a", "b", "alone")]
    assert places == sorted(places)
    assert '<dt>score</dt><dd data-value="0.5">0.5000</dd><dt>kind</dt><dd>x</dd>' in text
    assert "Red.</p>" in text
    assert 'width="8" height="6"' in text


def test_samples_without_a_picture_are_counted():
    assert "1 of 2 samples." in page(["a"], [{"id": "a"}, {"id": "b"}])
    assert '<section id="gallery"' not in page([], [{"id": "a"}])


def test_hostile_names_stay_text():
    text = page(["<script>x"], [{"id": "<script>x", "<b>": "<i>"}])
    assert "<script>x" not in text
    assert "<dt>&lt;b&gt;</dt><dd>&lt;i&gt;</dd>" in text


def test_pictures_of_any_mode_become_jpegs():
    for mode in ("1", "L", "P", "RGBA", "I;16"):
        (found,) = encoded([("x", Image.new(mode, (5, 4)))])
        assert Image.open(io.BytesIO(found.jpeg)).size == (found.width, found.height) == (5, 4)
