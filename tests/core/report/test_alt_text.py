"""Alternative text: the words say what a figure shows."""

from __future__ import annotations

import numpy as np
from PIL import Image

from nntasks.interfaces.report_data import Figure
from nntasks.report import style
from nntasks.report.alt_text import LONGEST, alt_text, confusion_words, describe
from nntasks.report.figures import training_curves


def test_curves_are_told_by_their_ends_and_extremes():
    rows = [
        {"split": "train", "step": n, "epoch": n, "loss": value}
        for n, value in enumerate((2.0, 3.0, 0.5), 1)
    ]
    assert describe(training_curves(rows)) == (
        "loss, train (epoch): train from 2 to 0.5, highest 3."
    )


def test_bars_are_told_by_name_and_value():
    with style.applied():
        axes = style.new_figure(3, 3).subplots()
        axes.bar([0, 1], [0.5, 0.25])
        axes.set_xticks([0, 1], ["cats", "dogs"])
        axes.set_ylabel("accuracy")
    assert describe(axes.figure) == "accuracy: cats 0.5, dogs 0.25."


def test_pictures_are_told_by_their_titles():
    with style.applied():
        figure = style.new_figure(3, 3)
        for axes, title in zip(figure.subplots(1, 2), ("3 → 8", "4 → 9"), strict=True):
            axes.imshow(np.zeros((2, 2)))
            axes.axis("off")
            axes.set_title(title)
    assert describe(figure) == "2 pictures: 3 → 8, 4 → 9."


def test_one_picture_is_no_pictures():
    with style.applied():
        axes = style.new_figure(3, 3).subplots()
        axes.imshow(np.zeros((2, 2)))
        axes.axis("off")
    assert describe(axes.figure) == "1 picture."


def test_panels_below_a_titled_picture_are_no_pictures_of_their_own():
    with style.applied():
        figure = style.new_figure(3, 3)
        panels = figure.subplots(3, 2)
        for axes in panels.flatten():
            axes.imshow(np.zeros((2, 2)))
            axes.axis("off")
        for axes, title in zip(panels[0], ("blob 1", "blob 2"), strict=True):
            axes.set_title(title)
    assert describe(figure) == "2 pictures in 6 panels: blob 1, blob 2."


def test_a_figure_may_have_its_own_words():
    own = Figure("x", "X", "Caption.", lambda: None, "What it shows.")
    image = Image.new("RGB", (2, 2))
    assert alt_text(own, image) == "What it shows."
    assert alt_text(Figure("x", "X", "Caption.", lambda: None), image) == "Caption."


def test_a_confusion_matrix_is_told_by_its_commonest_mistakes():
    counts = np.array([[5, 3, 0], [0, 4, 0], [1, 0, 2]])
    assert confusion_words(counts, ["cat", "dog", "owl"]) == (
        "Confusion matrix of 3 classes: 11 of 15 are correct. "
        "Most frequent mistakes: cat → dog 3, owl → cat 1."
    )


def test_words_are_cut_to_a_length():
    with style.applied():
        figure = style.new_figure(3, 3)
        for axes in figure.subplots(5, 5).flatten():
            axes.set_title("a rather long title of a panel")
    assert len(describe(figure)) <= LONGEST


def test_lying_bars_are_told_by_their_lengths():
    with style.applied():
        axes = style.new_figure(3, 3).subplots()
        axes.barh([0], [0.835], height=0.7, label="cats")
        axes.set_yticks([0, 1], ["", ""])
        axes.set_xlabel("accuracy")
    assert describe(axes.figure) == "accuracy: cats one bar of 0.835."
