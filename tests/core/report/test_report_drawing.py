"""Figures are the same by any number of processes, and what they warn of arrives."""

from __future__ import annotations

import os
import warnings

import pytest
from PIL import Image

from nntasks.interfaces.report_data import Figure
from nntasks.machine import forked
from nntasks.report import fonts, style
from nntasks.report.drawing import Piece, draw_all, make_all

NO_FONT_HAS_IT = "\U000f1234"  # a code point of private use


def curve(number, title="a curve"):
    def draw():
        figure = style.new_figure(2 + number / 4, 2)
        axes = figure.subplots()
        axes.plot(range(5), [number, 4, 1, number, 2])
        axes.set_title(title)
        return figure

    return Figure(f"curve{number}", f"Curve {number}", "", draw)


def drawn(monkeypatch, figures, cores):
    monkeypatch.setattr(forked, "usable_cores", lambda: cores)
    files = []
    pictures, problems = draw_all(figures, lambda name, png: files.append((name, png)))
    return pictures, problems, files


def test_pictures_and_problems_are_the_same_on_any_number_of_cores(monkeypatch):
    def broken():
        raise KeyError("no such\nclass")

    figures = [
        *map(curve, range(4)),
        Figure("broken", "Broken", "", broken),
        Figure("none", "None", "", lambda: None),
        curve(2),
        Figure("Bad name", "Bad", "", lambda: None),
        Figure("red", "Red", "", lambda: Image.new("RGB", (3, 3), "red")),
    ]
    one = drawn(monkeypatch, figures, 1)
    assert drawn(monkeypatch, figures, 3) == one
    pictures, problems, files = one
    names = [picture.name for picture in pictures]
    assert names == [name for name, _ in files] == ["curve0", "curve1", "curve2", "curve3", "red"]
    assert [problem.partition(" is missing: ")[2] for problem in problems] == [
        "KeyError: 'no such\\nclass'",
        "ValueError: another figure has this name; give each its own",
        "ValueError: expected a name of lower-case letters, digits and underscores",
    ]


@pytest.mark.parametrize("cores", [1, 2])
def test_letters_without_a_font_are_told_of_once(monkeypatch, caplog, recwarn, cores):
    fonts.ONCE.passed.clear()
    figures = [curve(number, f"a {NO_FONT_HAS_IT}") for number in range(4)]
    drawn(monkeypatch, figures, cores)
    drawn(monkeypatch, figures, 1)
    assert len(caplog.records) == 1
    assert caplog.records[0].message.startswith("figures show some letters as boxes")
    assert not recwarn.list


def test_other_warnings_of_a_figure_arrive(monkeypatch):
    def draw():
        warnings.warn(f"odd in {os.getpid()}", UserWarning, stacklevel=1)
        return Image.new("RGB", (3, 3))

    figures = [curve(0), Figure("odd", "Odd", "", draw), curve(1)]
    with pytest.warns(UserWarning, match="odd in") as warned:
        drawn(monkeypatch, figures, 2)
    assert str(os.getpid()) not in str(warned[0].message)


def test_every_piece_has_one_thread_and_the_threads_come_back(monkeypatch):
    import torch

    monkeypatch.setattr(forked, "usable_cores", lambda: 2)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        threads = make_all([Piece("threads", torch.get_num_threads) for _ in range(4)])
        assert [made.value for made in threads] == [1] * 4
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
