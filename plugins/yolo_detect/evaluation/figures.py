"""Figures of detection quality. Every function returns a new `matplotlib.figure.Figure`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.average_precision import precision_at_levels
from nntasks.plugins.yolo_detect.evaluation.coco import CocoNumbers, mean
from nntasks.plugins.yolo_detect.evaluation.curves import ConfidenceCounts
from nntasks.plugins.yolo_detect.evaluation.hits import RankedHits
from nntasks.plugins.yolo_detect.evaluation.matches import AREAS
from nntasks.report import style
from nntasks.report.formatting import how_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

_MOST_NAMED = 30  # classes with names along the sides of a confusion matrix
_FEW = 10  # classes with their own colour; with at most so many, cells have counts


def precision_recall_figure(
    hits: RankedHits, class_names: Sequence[str], threshold: int, iou: float
) -> Figure:
    """Precision at each recall, class by class and their mean.

    Of many classes the ten with the lowest average precision are named; the others are grey.

    Args:
        hits: ranks of the true positives.
        class_names: names by label.
        threshold: index of the IoU threshold in the table.
        iou: that threshold, for the title.
    """
    figure, axes = _figure(style.WIDEST, 4.6)
    recall = np.linspace(0, 1, 101)
    curves = {
        label: precision_at_levels(places, truths)
        for _, label, places, _, truths in hits.rankings(0, [threshold])
        if truths
    }
    worst = sorted(curves, key=lambda label: (curves[label].mean(), label))[:_FEW]
    looks = dict(zip(sorted(worst), style.looks(len(worst)), strict=True))
    for label in sorted(curves, key=lambda label: label in looks):  # named ones on top
        precision = curves[label]
        if label in looks:
            text = style.plain(f"{class_names[label]} ({precision.mean():.2f})")
            axes.plot(recall, precision, linewidth=1.3, label=text, **looks[label].line())
        else:
            axes.plot(recall, precision, linewidth=0.5, color=style.GREY, alpha=0.5)
    if curves:
        average = np.mean(list(curves.values()), axis=0)
        text = f"mean of {how_many(len(curves), 'class', 'classes')} ({average.mean():.3f})"
        axes.plot(recall, average, linewidth=2.5, color=style.INK, label=text)
        figure.legend(loc="outside lower left", ncols=4)
    _unit_axes(axes, "recall", "precision (highest at this recall or above)")
    axes.set_title(f"Precision against recall at IoU {iou:g}")
    return figure


def confidence_figure(counts: ConfidenceCounts, iou: float, confidence: float) -> Figure:
    """Precision, recall and F1 against confidence, mean over classes, with the best F1."""
    figure, axes = _figure(style.WIDEST, 4.0)
    curves = counts.macro()
    for name, look in zip(("precision", "recall", "f1"), style.looks(3), strict=True):
        label = "F1" if name == "f1" else name
        axes.plot(counts.confidences, curves[name], linewidth=2, label=label, **look.line())
    axes.axvline(
        confidence, color=style.GREY, linestyle="--", label=f"threshold in use, {confidence:g}"
    )
    best, where = counts.best_f1()
    if not np.isnan(best):
        label = f"highest F1, {best:.3f} at {where:.3f}"
        axes.plot([where], [best], "o", color=style.INK, markersize=7, label=label)
    figure.legend(loc="outside lower left", ncols=3)
    _unit_axes(axes, "confidence threshold", "mean over classes")
    axes.set_title(f"Precision, recall and F1 at IoU {iou:g}")
    return figure


def confusion_figure(
    matrix: np.ndarray, class_names: Sequence[str], iou: float, confidence: float
) -> Figure:
    """The confusion matrix as shares of each true class, without absent classes.

    With few classes the cells show counts. The background row shows shares of all detections
    that match no object.
    """
    names = [*class_names, "background"]
    occurs = (matrix.sum(axis=0) > 0) | (matrix.sum(axis=1) > 0)
    kept = [label for label, here in enumerate(occurs[:-1]) if here] + [len(names) - 1]
    shown, names = matrix[np.ix_(kept, kept)], [names[label] for label in kept]
    totals = np.maximum(shown.sum(axis=1, keepdims=True), 1)
    many = len(names) > _FEW + 1
    side = style.WIDEST if many else max(4.2, 0.34 * len(names) + 1.4)
    figure, axes = _figure(min(side + 0.5, style.WIDEST), side)
    image = axes.imshow(shown / totals, cmap="Blues", vmin=0, vmax=1)
    if len(names) <= _MOST_NAMED:
        texts = [style.plain(name) for name in names]
        axes.set_xticks(range(len(names)), texts, rotation=90)
        axes.set_yticks(range(len(names)), texts)
    if not many:
        _write_counts(axes, shown, shown / totals)
    axes.set_xlabel("predicted class (background: missed)")
    axes.set_ylabel("true class (background: no object)")
    axes.set_title(f"Confusion at IoU {iou:g}, confidence {confidence:g}")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    figure.colorbar(image, ax=axes, shrink=0.7, label="share of the true class")
    return figure


def class_figure(coco: CocoNumbers, class_names: Sequence[str]) -> Figure:
    """AP at 0.50:0.05:0.95 (bars) and at 0.5 (dots) of every class with objects, best on top."""
    precision, loose = coco.per_class(), coco.precision[0, 0]
    order = [label for label in np.argsort(precision) if not np.isnan(precision[label])]
    figure, axes = _figure(style.WIDEST, max(2.5, 0.17 * len(order) + 1.2))
    places = np.arange(len(order))
    axes.barh(places, precision[order], color=style.BLUE, height=0.7, label="IoU 0.50:0.95")
    axes.plot(loose[order], places, "o", color=style.ORANGE, clip_on=False, label="IoU 0.5")
    if order:
        average = mean(precision)
        label = f"mean, {average:.3f}"
        axes.axvline(average, color=style.GREY, linewidth=1, linestyle="--", label=label)
        figure.legend(loc="outside lower center", ncols=3)
    axes.set_yticks(places, [style.plain(class_names[label]) for label in order])
    axes.set_ylabel("class")
    axes.set_ylim(-0.7, max(len(order), 1) - 0.3)
    axes.set_xlim(0, 1)
    axes.set_xlabel("average precision (COCO, 101 points)")
    axes.set_title("Average precision by class")
    axes.tick_params(axis="y", length=0)
    return figure


def size_figure(coco: CocoNumbers) -> Figure:
    """mAP and average recall of small, medium and large objects."""
    figure, axes = _figure(5.2, 3.8)
    groups = (
        ("average precision", coco.precision, style.BLUE),
        ("average recall", coco.recall, style.ORANGE),
    )
    for shift, (label, values, colour) in zip((-0.19, 0.19), groups, strict=True):
        heights = [mean(values[area]) for area in range(len(AREAS))]
        bars = axes.bar(
            np.arange(len(AREAS)) + shift, np.nan_to_num(heights), 0.36, color=colour, label=label
        )
        texts = ["none" if np.isnan(height) else f"{height:.2f}" for height in heights]
        axes.bar_label(bars, texts, fontsize=8, padding=2)
    limits = ("", "\nto 32² px", "\n32² to 96² px", "\nfrom 96² px")
    axes.set_xticks(range(len(AREAS)), [f"{a}{b}" for a, b in zip(AREAS, limits, strict=True)])
    axes.set_ylim(0, 1)
    axes.set_ylabel("mean over IoU 0.50:0.95")
    axes.set_xlabel("area of the object in the original image")
    figure.legend(loc="outside lower center", ncols=2)
    axes.set_title("Precision and recall by object size")
    return figure


def _figure(width: float, height: float) -> tuple[Figure, Any]:
    with style.applied():
        figure = style.new_figure(width, height)
        return figure, figure.add_subplot()


def _unit_axes(axes: Any, x: str, y: str) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid()


def _write_counts(axes: Any, counts: np.ndarray, shares: np.ndarray) -> None:
    for row, column in zip(*np.nonzero(counts), strict=True):
        colour = "white" if shares[row, column] > 0.5 else style.INK
        axes.text(
            column,
            row,
            str(counts[row, column]),
            ha="center",
            va="center",
            fontsize=8,
            color=colour,
        )
