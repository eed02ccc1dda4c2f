"""Small interactive figures, and a page that holds all of them."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from nntasks.interfaces.pictures import BrowsedPicture, ImageBrowser, Outline, OutlineKind
from nntasks.interfaces.report_data import DrawnFigure, Interactive, ReportContent
from nntasks.report.html import render_report
from nntasks.report.interactive.cells import confusion_cells
from nntasks.report.interactive.curves import training
from nntasks.report.interactive.sweep import threshold_sweep

TRAINED = [
    {"split": "train", "epoch": n / 10, "step": n, "loss": 2 / n, "lr": 0.1} for n in range(1, 41)
]
VALIDATED = [
    {"split": "validation", "epoch": n, "step": 10 * n, "nll": 0.5 + n / 10, "accuracy": n / 5}
    for n in range(1, 5)
]


def png(colour="red"):
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, format="PNG")
    return content.getvalue()


def figure(form, name="touched"):
    return DrawnFigure(name, "A figure", "", "what it shows", png(), png(), 40, 30, form)


def matrix():
    counts = np.array([[5, 2, 0], [0, 4, 1], [0, 0, 6]])
    samples = {
        (row, column): [f"s{row}{column}{n}" for n in range(counts[row, column])]
        for row, column in zip(*np.nonzero(counts), strict=True)
    }
    names = ["cat", "dog", "<b>"]
    return confusion_cells(counts, names, names, samples, lambda name: Image.new("L", (8, 8), 90))


def sweep():
    thresholds = np.arange(11) / 10
    right = np.array([[4, 4, 4, 3, 3, 3, 2, 2, 1, 0, 0], [2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 0]])
    found = np.array([[9, 8, 6, 4, 4, 3, 2, 2, 1, 0, 0], [4, 4, 3, 3, 2, 2, 2, 1, 1, 1, 0]])
    return threshold_sweep(
        thresholds, right, found, np.array([4, 3]), ["a", "b"], key="confidence", used=0.2
    )


def browser():
    kinds = (OutlineKind("right", "#2ecc71", "a match."), OutlineKind("object", "#fff", "truth."))
    return ImageBrowser(
        kinds,
        [
            BrowsedPicture(name, png("blue"), 40, 30, {}, [Outline((1, 1, 9, 9), "a", 0, score)])
            for name, score in (("p0", 0.35), ("s010", 0.85))
        ],
    )


def whole_page():
    """Return a page with every kind of interactive figure, and one that nothing builds."""
    figures = [
        figure(training([*TRAINED, *VALIDATED], ["accuracy"]), "training_curves"),
        figure(matrix(), "confusion"),
        figure(sweep(), "sweep"),
        figure(Interactive("unknown", {}), "broken"),
    ]
    return render_report(ReportContent(title="toy", figures=figures, browser=browser()))
