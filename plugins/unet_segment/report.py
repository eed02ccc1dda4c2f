"""Pictures of a segmentation: good, middling and bad cases, errors, thresholds, calibration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from core.interfaces import Outcome, Split
from core.report.content import Figure
from plugins.unet_segment.evaluation.counts import BINS, MEASURES, Table, dice, sweep
from plugins.unet_segment.evaluation.metric import SegmentationMetric
from plugins.unet_segment.model import UnetModel
from plugins.unet_segment.samples import IGNORED, OBJECT

SHOWN = 6  # pictures in a row
_STEPS = np.arange(1, 32) / 32  # thresholds of the sweep
_HIT, _ALARM, _MISS = (60, 160, 90), (220, 60, 40), (50, 90, 220)


def items(table: Table) -> list[dict[str, Any]]:
    """Return a row for each picture, the worst first by Dice; those of 0 / 0 last."""
    scores = dice(table.hits, table.false_alarms, table.misses)
    order = np.argsort(np.nan_to_num(scores, nan=2.0), kind="stable")
    return [
        {
            "id": table.ids[i],
            "dice": float(scores[i]),
            "hits": int(table.hits[i]),
            "false alarms": int(table.false_alarms[i]),
            "misses": int(table.misses[i]),
            "object": float((table.hits[i] + table.misses[i]) / max(table.pixels[i], 1)),
        }
        for i in order
    ]


def figures(metric: SegmentationMetric, outcome: Outcome) -> Iterator[Figure]:
    """Yield the figures of an evaluation."""
    table, model = metric.table, outcome.model
    ranked = [row["id"] for row in items(table)]
    if isinstance(model, UnetModel):
        for name, title, chosen in (
            ("worst", "Worst cases", ranked[:SHOWN]),
            ("median", "Middling cases", _middle(ranked)),
            ("best", "Best cases", ranked[: -SHOWN - 1 : -1]),
        ):
            yield Figure(
                name, title,
                "Above the picture, in the middle the probability, below green hits, red false "
                "alarms, blue misses; grey is not counted.",
                partial(draw_cases, model, metric, outcome.split, chosen),
            )  # fmt: skip
    yield Figure(
        "thresholds", "Other thresholds",
        "Over all pixels. Choose one on the validation split, not here.",
        lambda: draw_sweep(table, metric.threshold),
    )  # fmt: skip
    yield Figure(
        "calibration", "Calibration",
        "Of pixels with a probability, how many are of the object: on the diagonal it is as said.",
        lambda: draw_calibration(table),
    )  # fmt: skip


def _middle(ranked: Sequence[Any]) -> Sequence[Any]:
    first = max(len(ranked) // 2 - SHOWN // 2, 0)
    return ranked[first : first + SHOWN]


def error_map(truth: np.ndarray, called: np.ndarray) -> np.ndarray:
    """Return (H, W, 3) uint8: hits green, false alarms red, misses blue, uncounted pixels grey."""
    picture = np.full((*truth.shape, 3), 245, np.uint8)
    on = truth == OBJECT
    picture[on & called], picture[~on & called], picture[on & ~called] = _HIT, _ALARM, _MISS
    picture[truth == IGNORED] = 190
    return picture


def draw_cases(
    model: UnetModel, metric: SegmentationMetric, split: Split, names: Sequence[Any]
) -> Any:
    """Draw pictures, probabilities and errors of some samples."""
    from core.report import style

    found = cases(model, split, names)
    scores = {row["id"]: row["dice"] for row in items(metric.table)}
    figure = style.new_figure(1.5 * len(found), 4.7)
    panels = figure.subplots(3, len(found), squeeze=False)
    for axes in panels.flatten():
        axes.axis("off")
    for column, (name, picture, truth, shares) in zip(panels.T, found, strict=True):
        column[0].imshow(picture)
        column[0].set_title(f"{style.plain(str(name))}\nDice {scores[name]:.3f}", fontsize=7,
                            loc="center")  # fmt: skip
        column[1].imshow(shares, cmap="gray", vmin=0, vmax=1)
        column[2].imshow(error_map(truth, shares >= metric.threshold))
    return figure


def cases(
    model: UnetModel, split: Split, names: Sequence[Any]
) -> list[tuple[Any, np.ndarray, np.ndarray, np.ndarray]]:
    """Return name, picture, mask and probabilities of samples, in the order of `names`."""
    wanted: dict[Any, tuple[Any, np.ndarray, np.ndarray, np.ndarray]] = {}
    for index in range(len(split)):
        batch = split.batch([index])
        if batch.ids[0] in names:
            shares = model.predict(batch)[0]
            wanted[batch.ids[0]] = (batch.ids[0], batch.inputs[0], batch.targets[0], shares)
    return [wanted[name] for name in names]


def draw_sweep(table: Table, threshold: float) -> Any:
    """Draw IoU, Dice, precision and recall over the threshold."""
    from core.report import style

    figure = style.new_figure(5.2, 3.4)
    axes = figure.subplots()
    for name, values in sweep(table, _STEPS).items():
        axes.plot(_STEPS, values, label=name)
    axes.axvline(threshold, color=style.GREY, linestyle="--", linewidth=1)
    axes.set_xlabel("threshold")
    axes.legend(loc="lower center", ncol=len(MEASURES))
    return figure


def draw_calibration(table: Table) -> Any:
    """Draw the share of the object over the probability, and how many pixels there are of each."""
    from core.report import style

    coarse = 16
    on, all_pixels = (
        part.sum(axis=0).reshape(coarse, BINS // coarse).sum(axis=1)
        for part in (table.on, table.on + table.beside)
    )
    centres = (np.arange(coarse) + 0.5) / coarse
    there = all_pixels > 0
    figure = style.new_figure(4.4, 3.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color=style.GREY, linestyle="--", linewidth=1)
    upper.plot(centres[there], on[there] / all_pixels[there], "o-", color=style.BLUE)
    upper.set_ylabel("share of the object")
    lower.bar(centres, all_pixels, width=1 / coarse, color=style.SKY)
    lower.set_yscale("symlog")
    lower.set_xlabel("probability")
    lower.set_ylabel("pixels")
    return figure
