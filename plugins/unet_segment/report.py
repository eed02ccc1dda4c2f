"""Figures of a segmentation: good, median and bad cases, errors, thresholds, calibration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from nntasks.interfaces import Outcome
from nntasks.interfaces.report_data import Figure
from nntasks.interfaces.yardsticks import Reference, Threshold, Yardsticks
from nntasks.plugins.unet_segment.evaluation.counts import (
    BINS,
    CountTable,
    dice,
    iou,
    share,
    sweep,
)
from nntasks.plugins.unet_segment.evaluation.metric import SegmentationMetric
from nntasks.plugins.unet_segment.model import UnetModel
from nntasks.plugins.unet_segment.sample_figures import draw_samples, predicted_samples, thumbnail
from nntasks.plugins.unet_segment.splits import MaskedPictures
from nntasks.report.gallery import shown

SHOWN = 5  # pictures per row
_NAMES = {"iou": "IoU", "dice": "Dice"}
_STEPS = np.arange(1, 32) / 32  # thresholds in the sweep


def items(table: CountTable) -> list[dict[str, Any]]:
    """Return a row per picture, lowest Dice first; undefined ones last."""
    scores = dice(table.hits, table.false_alarms, table.misses)
    overlaps = iou(table.hits, table.false_alarms, table.misses)
    edges = share(table.edge_common, table.edge_either)
    order = np.argsort(np.nan_to_num(scores, nan=2.0), kind="stable")
    return [
        {
            "id": table.ids[i],
            "dice": float(scores[i]),
            "iou": float(overlaps[i]),
            "boundary iou": float(edges[i]),
            "hits": int(table.hits[i]),
            "false alarms": int(table.false_alarms[i]),
            "misses": int(table.misses[i]),
            "object": float((table.hits[i] + table.misses[i]) / max(table.pixels[i], 1)),
        }
        for i in order
    ]


def figures(metric: SegmentationMetric, outcome: Outcome) -> Iterator[Figure]:
    """Yield the figures of an evaluation."""
    table, model, split = metric.table, outcome.model, outcome.split
    scores = {row["id"]: row["dice"] for row in items(table)}
    ranked = list(scores)
    if isinstance(model, UnetModel) and isinstance(split, MaskedPictures):
        for name, title, chosen in (
            ("worst", "Worst cases", ranked[:SHOWN]),
            ("median", "Median cases", _middle(ranked)),
            ("best", "Best cases", ranked[: -SHOWN - 1 : -1]),
        ):
            yield Figure(
                name,
                title,
                "Prediction: the predicted outline. Probability: white is 1. Errors: green true "
                "positives, orange false positives, blue false negatives; grey is not counted.",
                partial(draw_samples, model, split, chosen, scores, metric.threshold),
            )
    yield Figure(
        "thresholds",
        "Threshold sweep",
        "Over all pixels. Choose a threshold on the validation split, not on the test split.",
        lambda: draw_sweep(table, metric.threshold),
    )
    yield Figure(
        "calibration",
        "Calibration",
        "Share of object pixels over predicted probability. On the dashed line both are equal. "
        "Points are bins, bars count their pixels.",
        lambda: draw_calibration(table),
    )


def yardsticks(metric: SegmentationMetric) -> Yardsticks:
    """Return what Dice can be judged by."""
    table = metric.table
    share = float(table.on.sum() / max((table.on + table.beside).sum(), 1))
    curve = sweep(table, np.array([metric.threshold, *_STEPS]))["dice"]
    known = bool(np.isfinite(curve).all())
    best = int(curve[1:].argmax()) if known else 0
    return Yardsticks(
        Reference("dice", 2 * share / (1 + share), "from calling every pixel object"),
        threshold=Threshold(
            "threshold", "Dice", metric.threshold, float(_STEPS[best]), curve[0], curve[1 + best]
        )
        if known
        else None,
    )


def thumbnails(metric: SegmentationMetric, outcome: Outcome) -> Iterator[tuple[Any, Any]]:
    """Yield a thumbnail of each sample: the overlay and its errors."""
    model, split = outcome.model, outcome.split
    if isinstance(model, UnetModel) and isinstance(split, MaskedPictures):
        chosen = shown([row["id"] for row in items(metric.table)])
        for sample in predicted_samples(model, split, chosen):
            yield sample.name, thumbnail(sample, metric.threshold)


def _middle(ranked: Sequence[Any]) -> Sequence[Any]:
    first = max(len(ranked) // 2 - SHOWN // 2, 0)
    return ranked[first : first + SHOWN]


def draw_sweep(table: CountTable, threshold: float) -> Any:
    """Draw IoU, Dice, precision and recall over the threshold."""
    from nntasks.report import style

    figure = style.new_figure(5.2, 3.8)
    axes = figure.subplots()
    curves = sweep(table, _STEPS)
    for (name, values), look in zip(curves.items(), style.looks(len(curves)), strict=True):
        axes.plot(_STEPS, values, label=_NAMES.get(name, name), **look.line())
    axes.axvline(
        threshold, color=style.GREY, linestyle="--", label=f"threshold in use, {threshold:g}"
    )
    best = int(np.nanargmax(curves["dice"])) if np.isfinite(curves["dice"]).any() else None
    if best is not None:
        label = f"highest Dice, {curves['dice'][best]:.3f} at {_STEPS[best]:.2f}"
        axes.plot(_STEPS[best], curves["dice"][best], "o", color=style.INK, label=label)
    axes.set_xlabel("threshold of the probability")
    axes.set_ylabel("over all pixels")
    axes.grid(axis="y")
    figure.legend(loc="outside lower left", ncols=3)
    return figure


def draw_calibration(table: CountTable) -> Any:
    """Draw the object share over the probability, and the number of pixels per bin."""
    from nntasks.report import style

    coarse = 16
    on, all_pixels = (
        part.sum(axis=0).reshape(coarse, BINS // coarse).sum(axis=1)
        for part in (table.on, table.on + table.beside)
    )
    centres = (np.arange(coarse) + 0.5) / coarse
    there = all_pixels > 0
    figure = style.new_figure(4.8, 4.0)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color=style.GREY, linestyle="--", linewidth=1)
    upper.plot(centres[there], on[there] / all_pixels[there], "o", color=style.BLUE)
    upper.set_ylim(-0.03, 1.03)
    upper.set_ylabel("share of object pixels")
    lower.bar(centres, all_pixels, width=1 / coarse, color=style.SKY)
    lower.set_yscale("log")
    lower.set_ylim(bottom=0.5)
    lower.locator_params(axis="y", numticks=4)
    lower.set_xlabel("predicted probability")
    lower.set_ylabel("pixels")
    return figure
