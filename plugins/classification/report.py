"""The report of any classifier: rows, tables, checks and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nntasks.interfaces import CrossCheck, Outcome
from nntasks.interfaces.report_data import Figure, Table
from nntasks.plugins.classification.metric import ClassificationMetric
from nntasks.plugins.classification.predictions import (
    Predictions,
    confusion,
    per_class,
    reliability,
    top_accuracy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NAMED = 30  # largest number of classes with names at the confusion matrix
MISTAKES = 24


def metric_of(outcome: Outcome) -> ClassificationMetric | None:
    """Return the classification metric of the run, or None."""
    kept = [m for m in outcome.metrics.values() if isinstance(m, ClassificationMetric)]
    return kept[0] if kept else None


def items(table: Predictions, classes: Sequence[str]) -> list[dict[str, Any]]:
    """Return a row per sample, sorted by the probability of the true class, lowest first."""
    order = np.argsort(table.of_truth, kind="stable")
    return [
        {
            "id": table.ids[i],
            "true": classes[table.labels[i]],
            "predicted": classes[table.predicted[i]],
            "right": bool(table.predicted[i] == table.labels[i]),
            "confidence": float(table.confidence[i]),
            "probability of truth": float(table.of_truth[i]),
        }
        for i in order
    ]


def class_table(table: Predictions, classes: Sequence[str]) -> Table:
    """Return precision, recall and F1 of every class."""
    each = per_class(confusion(table))
    rows = [
        (name, int(each.support[i]), each.precision[i], each.recall[i], each.f1[i])
        for i, name in enumerate(classes)
    ]
    columns = ("class", "samples", "precision", "recall", "F1")
    return Table("classes", "By class", columns, rows)


def cross_checks(table: Predictions, values: Mapping[str, float]) -> list[CrossCheck]:
    """Return pairs of values that must agree."""
    counts = confusion(table)
    each = per_class(counts)
    weighted = np.nansum(each.recall * each.support) / each.support.sum()
    return [
        CrossCheck(
            "accuracy and the trace of the confusion matrix",
            values["accuracy"],
            counts.trace() / counts.sum(),
        ),
        CrossCheck(
            "accuracy and recall weighted by support", values["accuracy"], float(weighted), 1e-12
        ),
        CrossCheck("accuracy and top-1", values["accuracy"], top_accuracy(table, 1)),
    ]


def figures(
    table: Predictions, classes: Sequence[str], pictures: Mapping[int | str, np.ndarray] | None
) -> Iterator[Figure]:
    """Yield the figures.

    Args:
        table: the predictions.
        classes: class names by label.
        pictures: (H, W, C) uint8 by id; None if the samples are not pictures.
    """
    yield Figure(
        "confusion",
        "Confusion matrix",
        "Rows are true classes, columns predicted ones.",
        lambda: draw_confusion(confusion(table), classes),
    )
    wrong = [i for i in np.argsort(table.of_truth) if table.predicted[i] != table.labels[i]]
    if pictures is not None and wrong:
        yield Figure(
            "mistakes",
            "Worst mistakes",
            "The samples with the lowest probability of the true class: true > predicted.",
            lambda: draw_mistakes(table, classes, pictures, wrong[:MISTAKES]),
        )
    yield Figure(
        "reliability",
        "Calibration",
        "On the diagonal, confidence equals accuracy. Bars count the samples.",
        lambda: draw_reliability(table),
    )


def draw_confusion(counts: np.ndarray, classes: Sequence[str]) -> Any:
    """Draw a confusion matrix; mistakes are coloured by their share of the true class."""
    from nntasks.report import style

    size = len(classes)
    figure = style.new_figure(*(max(3.8, min(0.36 * size + 1.6, 9.0)),) * 2)
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if size <= MOST_NAMED:
        names = [style.plain(name) for name in classes]
        axes.set_xticks(range(size), names, rotation=90)
        axes.set_yticks(range(size), names)
        for (row, column), count in np.ndenumerate(counts):
            if count:
                colour = "white" if shares[row, column] > 0.5 else style.INK
                axes.text(
                    column, row, str(count), ha="center", va="center", fontsize=7, color=colour
                )
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    return figure


def draw_mistakes(
    table: Predictions,
    classes: Sequence[str],
    pictures: Mapping[int | str, np.ndarray],
    wrong: Sequence[int],
) -> Any:
    """Draw pictures, each with its true and predicted class."""
    from nntasks.report import style

    columns = min(8, len(wrong))
    rows = -(-len(wrong) // columns)
    figure = style.new_figure(max(1.15 * columns, 3.0), 1.5 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in panels:
        axes.axis("off")
    for axes, i in zip(panels, wrong, strict=False):
        show_picture(axes, pictures[table.ids[i]])
        told = f"{classes[table.labels[i]]} > {classes[table.predicted[i]]}"
        axes.set_title(f"{style.plain(told)}\n{table.confidence[i]:.0%}", fontsize=7, loc="center")
    return figure


def show_picture(axes: Axes, picture: np.ndarray) -> None:
    """Show (H, W, 1) in grey or (H, W, 3) in colour."""
    grey = picture.shape[-1] == 1
    axes.imshow(picture[..., 0] if grey else picture, cmap="gray", vmin=0, vmax=255)


def draw_reliability(table: Predictions) -> Any:
    """Draw accuracy over confidence, and the number of samples in each bin."""
    from nntasks.report import style

    found = reliability(table)
    figure = style.new_figure(4.4, 3.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color=style.GREY, linestyle="--", linewidth=1)
    there = found.count > 0
    upper.plot(found.confidence[there], found.accuracy[there], "o-", color=style.BLUE)
    upper.set_ylabel("accuracy")
    upper.set_title(f"calibration error {found.error:.4f}")
    edges = np.linspace(0, 1, len(found.count) + 1)
    lower.bar(edges[:-1], found.count, width=np.diff(edges), align="edge", color=style.SKY)
    lower.set_yscale("symlog")
    lower.set_xlabel("confidence")
    lower.set_ylabel("samples")
    return figure
