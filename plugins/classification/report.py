"""The report of any classifier: rows, tables, checks and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nntasks.interfaces import CrossCheck, Outcome
from nntasks.interfaces.report_data import Figure, Table
from nntasks.interfaces.yardsticks import Reference, Yardsticks
from nntasks.plugins.classification.confusion_cells import cells
from nntasks.plugins.classification.metric import ClassificationMetric
from nntasks.plugins.classification.predictions import (
    Predictions,
    confusion,
    per_class,
    reliability,
    top_accuracy,
)
from nntasks.report.alt_text import confusion_words
from nntasks.statistics.proportions import wilson
from nntasks.statistics.ranks import ranks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NAMED = 30  # largest number of classes with names at the confusion matrix
MOST_COUNTED = 14  # largest number of classes with counts in the cells
MISTAKES = 20


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


def yardsticks(table: Predictions, classes: Sequence[str]) -> Yardsticks:
    """Return what the accuracy can be judged by."""
    counts = confusion(table)
    support, right = counts.sum(axis=1), counts.diagonal()
    correct = table.predicted == table.labels
    return Yardsticks(
        Reference(
            "accuracy",
            float(support.max() / max(support.sum(), 1)),
            "from always choosing the most frequent class",
        ),
        classes={name: (int(right[i]), int(support[i])) for i, name in enumerate(classes)},
        mistakes=(int((~correct).sum()), len(correct), separation(table.confidence, correct)),
    )


def separation(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Return how often a right answer is more confident than a wrong one; ties count half.

    This is the area under the ROC curve by ranks (Hanley and McNeil 1982); 0.5 without either.
    """
    right, wrong = int(correct.sum()), int((~correct).sum())
    if not right or not wrong:
        return 0.5
    total = ranks(confidence)[correct].sum()
    return float((total - right * (right + 1) / 2) / (right * wrong))


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
        "Rows are true classes, columns predicted ones. Colour: share of the true class.",
        lambda: draw_confusion(confusion(table), classes),
        confusion_words(confusion(table), classes),
        lambda: cells(table, classes, pictures),
    )
    wrong = [i for i in np.argsort(table.of_truth) if table.predicted[i] != table.labels[i]]
    if pictures is not None and wrong:
        yield Figure(
            "mistakes",
            "Worst mistakes",
            "The samples with the lowest probability of the true class. Above each: true → "
            "predicted class, and the probability of the predicted one.",
            lambda: draw_mistakes(table, classes, pictures, wrong[:MISTAKES]),
        )
    yield Figure(
        "reliability",
        "Calibration",
        "On the dashed line, confidence equals accuracy; below it the model is overconfident. "
        "Points are bins of samples with 95 % intervals (Wilson); a wide interval proves little. "
        "Bars count the samples.",
        lambda: draw_reliability(table),
    )


def draw_confusion(counts: np.ndarray, classes: Sequence[str]) -> Any:
    """Draw a confusion matrix; mistakes are coloured by their share of the true class."""
    from nntasks.report import style

    size = len(classes)
    side = max(3.8, min(0.36 * size + 1.4, style.WIDEST))
    figure = style.new_figure(min(side + 0.6, style.WIDEST), side)
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if size <= MOST_NAMED:
        names = [style.plain(name) for name in classes]
        axes.set_xticks(range(size), names, rotation=90)
        axes.set_yticks(range(size), names)
    if size <= MOST_COUNTED:
        for (row, column), count in np.ndenumerate(counts):
            if count:
                colour = "white" if shares[row, column] > 0.5 else style.INK
                axes.text(
                    column, row, str(count), ha="center", va="center", fontsize=8, color=colour
                )
    axes.set_xlabel("predicted class")
    axes.set_ylabel("true class")
    figure.colorbar(image, ax=axes, shrink=0.7, label="share of the true class")
    return figure


def draw_mistakes(
    table: Predictions,
    classes: Sequence[str],
    pictures: Mapping[int | str, np.ndarray],
    wrong: Sequence[int],
) -> Any:
    """Draw pictures, each with its true and predicted class."""
    from nntasks.report import style

    columns = min(5, len(wrong))
    rows = -(-len(wrong) // columns)
    figure = style.new_figure(max(1.12 * columns, 3.0), 1.5 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).flatten()
    for axes in panels:
        axes.axis("off")
    for axes, i in zip(panels, wrong, strict=False):
        show_picture(axes, pictures[table.ids[i]])
        axes.set_title(judged(table, classes, i), fontsize=8, loc="center")
    return figure


def judged(table: Predictions, classes: Sequence[str], sample: int) -> str:
    """Return `true → predicted` and the confidence of a sample; one name if they are equal."""
    from nntasks.report import style

    true, predicted = classes[table.labels[sample]], classes[table.predicted[sample]]
    told = style.plain(true) if true == predicted else style.mistake(true, predicted)
    return f"{told}\n{table.confidence[sample]:.0%}"


def show_picture(axes: Axes, picture: np.ndarray) -> None:
    """Show (H, W, 1) in grey or (H, W, 3) in colour."""
    grey = picture.shape[-1] == 1
    axes.imshow(picture[..., 0] if grey else picture, cmap="gray", vmin=0, vmax=255)


def draw_reliability(table: Predictions) -> Any:
    """Draw accuracy over confidence, and the number of samples in each bin."""
    from nntasks.report import style

    found = reliability(table)
    figure = style.new_figure(4.8, 4.2)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color=style.GREY, linestyle="--", linewidth=1)
    there = np.flatnonzero(found.count)
    ends = [wilson(round(found.accuracy[i] * found.count[i]), int(found.count[i])) for i in there]
    # At 0 and at 1, rounding can put an end on the wrong side.
    reach = [[max(e.value - e.low, 0) for e in ends], [max(e.high - e.value, 0) for e in ends]]
    upper.errorbar(
        found.confidence[there], found.accuracy[there], reach, fmt="o", color=style.BLUE, capsize=2
    )
    upper.set_ylim(-0.03, 1.03)
    upper.set_ylabel("accuracy")
    upper.set_title(f"calibration error {found.error:.4f}")
    edges = np.linspace(0, 1, len(found.count) + 1)
    lower.bar(edges[:-1], found.count, width=np.diff(edges), align="edge", color=style.SKY)
    lower.set_yscale("log")
    lower.set_ylim(bottom=0.5)
    lower.locator_params(axis="y", numticks=4)
    lower.set_xlabel("confidence: probability of the predicted class")
    lower.set_ylabel("samples")
    return figure
