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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

_FEW = 10  # up to so many classes get their own colour, and cells with counts


def precision_recall_figure(
    hits: RankedHits, class_names: Sequence[str], threshold: int, iou: float
) -> Figure:
    """Precision at each recall, class by class and their mean.

    Args:
        hits: ranks of the true positives.
        class_names: names by label.
        threshold: index of the IoU threshold in the table.
        iou: that threshold, for the title.
    """
    figure, axes = _figure(6.4, 4.8)
    recall = np.linspace(0, 1, 101)
    curves = {
        label: precision_at_levels(places, truths)
        for _, label, places, _, truths in hits.rankings(0, [threshold])
        if truths
    }
    for label, precision in curves.items():
        if len(curves) <= _FEW:
            text = f"{class_names[label]} ({precision.mean():.2f})"
            axes.plot(recall, precision, linewidth=1, label=text)
        else:
            axes.plot(recall, precision, linewidth=0.5, color=style.GREY, alpha=0.5)
    if curves:
        average = np.mean(list(curves.values()), axis=0)
        text = f"mean of {len(curves)} classes ({average.mean():.3f})"
        axes.plot(recall, average, linewidth=2.5, color="black", label=text)
        axes.legend(frameon=False, fontsize=8, loc="lower left")
    _unit_axes(axes, "recall", "precision (best at this recall or above)")
    axes.set_title(f"Precision against recall at IoU {iou:g} (average precision in brackets)")
    return figure


def confidence_figure(counts: ConfidenceCounts, iou: float, confidence: float) -> Figure:
    """Precision, recall and F1 against confidence, mean over classes, with the best F1."""
    figure, axes = _figure(6.4, 4.8)
    curves = counts.macro()
    for name, colour in (("precision", style.BLUE), ("recall", style.ORANGE), ("f1", style.GREEN)):
        label = "F1" if name == "f1" else name
        axes.plot(counts.confidences, curves[name], color=colour, linewidth=2, label=label)
    best, where = counts.best_f1()
    if not np.isnan(best):
        axes.plot([where], [best], "o", color=style.GREEN, markersize=6)
        axes.annotate(
            f"best F1 {best:.3f} at {where:.3f}",
            (where, best),
            xytext=(6, 8),
            textcoords="offset points",
            fontsize=9,
        )
    axes.axvline(confidence, color=style.GREY, linewidth=1, linestyle="--")
    axes.legend(frameon=False, fontsize=9, loc="center right")
    _unit_axes(axes, "confidence threshold (dashed: the one in use)", "mean over classes")
    axes.set_title(f"Precision, recall and F1 against confidence at IoU {iou:g}")
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
    side = max(5.5, min(0.16 * len(names) + 2.5, 16))
    figure, axes = _figure(side + 0.8, side)
    image = axes.imshow(shown / totals, cmap="Blues", vmin=0, vmax=1)
    small = 6 if many else 9
    axes.set_xticks(range(len(names)), names, rotation=90 if many else 0, fontsize=small)
    axes.set_yticks(range(len(names)), names, fontsize=small)
    if not many:
        _write_counts(axes, shown, shown / totals)
    axes.set_xlabel("predicted class (background: missed)")
    axes.set_ylabel("true class (background: no object)")
    axes.set_title(f"Confusion at IoU {iou:g}, confidence {confidence:g}")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02, label="share of the true class")
    return figure


def class_figure(coco: CocoNumbers, class_names: Sequence[str]) -> Figure:
    """AP at 0.50:0.05:0.95 (bars) and at 0.5 (dots) of every class with objects, best on top."""
    precision, loose = coco.per_class(), coco.precision[0, 0]
    order = [label for label in np.argsort(precision) if not np.isnan(precision[label])]
    figure, axes = _figure(6.4, max(2.5, 0.17 * len(order) + 1.2))
    places = np.arange(len(order))
    axes.barh(places, precision[order], color=style.BLUE, height=0.7, label="IoU 0.50:0.95")
    axes.plot(
        loose[order],
        places,
        "o",
        color=style.ORANGE,
        markersize=3.5,
        clip_on=False,
        label="IoU 0.5",
    )
    if order:
        axes.axvline(mean(precision), color=style.GREY, linewidth=1, linestyle="--", label="mean")
        figure.legend(frameon=False, fontsize=8, loc="outside lower center", ncols=3)
    size = 8 if len(order) > _FEW else 9
    axes.set_yticks(places, [class_names[label] for label in order], fontsize=size)
    axes.set_ylim(-0.7, max(len(order), 1) - 0.3)
    axes.set_xlim(0, 1)
    axes.set_xlabel("average precision (COCO, 101 points)")
    axes.set_title("Average precision by class")
    axes.tick_params(axis="y", length=0)
    return figure


def size_figure(coco: CocoNumbers) -> Figure:
    """mAP and average recall of small, medium and large objects."""
    figure, axes = _figure(5.2, 3.6)
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
    limits = ("", "\n≤ 32² px", "\n32² to 96² px", "\n≥ 96² px")
    axes.set_xticks(range(len(AREAS)), [f"{a}{b}" for a, b in zip(AREAS, limits, strict=True)])
    axes.set_ylim(0, 1)
    axes.set_ylabel("mean over IoU 0.50:0.95")
    axes.set_xlabel("object area")
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    axes.set_title("Quality by object size")
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
    axes.grid(color="0.92", linewidth=0.6)
    axes.set_axisbelow(True)


def _write_counts(axes: Any, counts: np.ndarray, shares: np.ndarray) -> None:
    for row, column in zip(*np.nonzero(counts), strict=True):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(
            column,
            row,
            str(counts[row, column]),
            ha="center",
            va="center",
            fontsize=8,
            color=colour,
        )
