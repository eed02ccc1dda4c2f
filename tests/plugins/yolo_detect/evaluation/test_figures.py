"""The pictures: what they show, and that they can be drawn for few, many and no classes."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
from detection_oracle import hard_data, metric_of

from nntasks.plugins.yolo_detect.evaluation import figures
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric


def drawn(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=40)
    assert buffer.getvalue().startswith(b"\x89PNG")
    return figure.axes[0]


def all_figures(metric):
    names = metric.class_names
    return {
        "pr": figures.precision_recall_figure(metric.hits(), names, 0, 0.5),
        "confidence": figures.confidence_figure(metric.curves(), 0.5, 0.25),
        "confusion": figures.confusion_figure(metric.confusion_matrix(), names, 0.5, 0.25),
        "class": figures.class_figure(metric.coco(), names),
        "size": figures.size_figure(metric.coco()),
    }


@pytest.mark.parametrize("classes", [3, 40])
def test_what_they_show(classes):
    metric = metric_of(*hard_data(8, images=30, classes=classes))
    axes = {name: drawn(figure) for name, figure in all_figures(metric).items()}
    assert all(a.get_xlabel() and a.get_ylabel() for n, a in axes.items() if n != "class")
    present = np.flatnonzero(metric.table().counted_truths())
    assert len(axes["pr"].lines) == len(present) + 1  # each class and the mean
    mean = axes["pr"].lines[-1].get_ydata().mean()
    assert mean == pytest.approx(metric.compute()["map50"])
    assert len(axes["class"].patches) == len(present)
    assert [bar.get_height() for bar in axes["size"].patches[1:4]] == pytest.approx(
        [np.nan_to_num(metric.compute()[f"map_{size}"]) for size in ("small", "medium", "large")]
    )


def test_one_class_is_no_classes():
    axes = drawn(all_figures(metric_of(*hard_data(8, classes=1)))["pr"])
    assert axes.lines[-1].get_label().startswith("mean of 1 class (")


def test_confusion_shows_counts_of_the_classes_that_occur():
    matrix = np.zeros((4, 4), dtype=int)
    matrix[0, 0], matrix[0, 2], matrix[3, 0] = 5, 3, 2
    axes = drawn(figures.confusion_figure(matrix, ["cat", "none", "dog"], 0.5, 0.25))
    assert [label.get_text() for label in axes.get_xticklabels()] == ["cat", "dog", "background"]
    assert [text.get_text() for text in axes.texts] == ["5", "3", "2"]


def test_nothing_at_all():
    for figure in all_figures(DetectionMetric(["cat"])).values():
        drawn(figure)


def test_the_metric_does_not_import_matplotlib():
    code = (
        "import sys, nntasks.plugins.yolo_detect.evaluation.metric\n"
        "import nntasks.plugins.yolo_detect.evaluation.figures\n"
        "sys.exit('matplotlib' in sys.modules or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
