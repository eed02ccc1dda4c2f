"""Score masks of any program: two folders, paired by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from nntasks.config import Integers, Options
from nntasks.errors import UsageError
from nntasks.interfaces.report_data import Table
from nntasks.interfaces.scoring import FoundScores, Scorer, Scores
from nntasks.pictures.files import SUFFIXES
from nntasks.pictures.labels import read_labels
from nntasks.plugins.unet_segment.data.mask_contents import contents_of
from nntasks.plugins.unet_segment.data.mask_meaning import MaskKeys, Meaning, decide
from nntasks.plugins.unet_segment.data.pair_checks import common_size, of_each
from nntasks.plugins.unet_segment.data.pairing import Pair, pair_masks
from nntasks.plugins.unet_segment.evaluation.conventions import CONVENTIONS
from nntasks.plugins.unet_segment.evaluation.counts import CountTable, dice, iou
from nntasks.plugins.unet_segment.evaluation.intervals import intervals
from nntasks.plugins.unet_segment.evaluation.metric import SegmentationMetric
from nntasks.plugins.unet_segment.samples import OBJECT
from nntasks.report.formatting import format_interval
from nntasks.storage.listing import files_below

_REPORTED = {  # conventions with intervals, and the end of their numbers' names in a run
    "object": "",
    "macro": "_macro",
    "image_empty1": "_image_empty1",
    "image_empty0": "_image_empty0",
    "image_nonempty": "_image_nonempty",
}


class ScoreConfig(Options):
    """Options of `score unet_segment`; they say what labels mean, as those of `mask_folders`."""

    object: Integers = Field(
        (), description="labels of the object; by default the only label besides 0"
    )
    ignored: int | None = Field(
        None, ge=0, le=255, description="label of pixels that are not counted, in the truth"
    )
    threshold: int | None = Field(
        None, ge=1, le=255, description="least grey of an object pixel; by default 128"
    )
    mask_suffix: str = Field(
        "", description="suffix of the truth's names after the prediction's, such as _mask"
    )


class MaskScorer(Scorer):
    """IoU and Dice under the convention of each library, from one table of counts."""

    Config = ScoreConfig
    inputs = "folders of masks"

    config: ScoreConfig

    def score(self, task: str, truth: Any, found: Mapping[str, Any]) -> Scores:
        """Check all files, then count pixels; see `Scorer.score`."""
        pairs = {name: self._pairs(truth, folder) for name, folder in found.items()}
        tables = {name: self._counts(own) for name, own in pairs.items()}
        scored = [
            FoundScores(name, _numbers(table), _intervals(table)) for name, table in tables.items()
        ]
        said = [
            f"{name}: {len(table.ids)} masks, {int(table.pixels.sum())} pixels counted"
            for name, table in tables.items()
        ]
        return Scores(task, scored, [_table(scored)], said)

    def _pairs(self, truth: Any, found: Any) -> list[Pair]:
        for key, folder in (("truth", truth), ("found", found)):
            if not isinstance(folder, Path) or not folder.is_dir():
                raise UsageError(f"{key}: expected a folder of masks, got {folder}")
        pairs = pair_masks(found, truth, self.config.mask_suffix)
        paired = {pair.mask for pair in pairs}
        lost = [file for file in files_below(truth, SUFFIXES) if file not in paired]
        if lost:
            raise UsageError(
                f"{found}: expected a mask for each one of the truth, found none for {len(lost)}, "
                f"the first {lost[0]}; predict it, or take it out of the truth"
            )
        return pairs

    def _counts(self, pairs: list[Pair]) -> CountTable:
        of_each(pairs, common_size)
        keys = MaskKeys(self.config.object, self.config.ignored, self.config.threshold)
        true = decide(
            of_each(pairs, lambda pair: contents_of(pair.mask, read_labels(pair.mask))), keys
        )
        said = decide(
            of_each(pairs, lambda pair: contents_of(pair.picture, read_labels(pair.picture))),
            MaskKeys(self.config.object, None, self.config.threshold),
        )
        metric = SegmentationMetric()
        for pair in pairs:
            found = (_mask(pair.picture, said) == OBJECT).astype(np.float64)
            metric.update([found], [_mask(pair.mask, true)], [pair.name])
        return metric.table


def _mask(path: Path, meaning: Meaning) -> np.ndarray:
    return meaning.mask(read_labels(path))


def _numbers(table: CountTable) -> dict[str, dict[str, float]]:
    return {
        name: {"iou": way.read(iou, table), "dice": way.read(dice, table)}
        for name, way in CONVENTIONS.items()
    }


def _intervals(table: CountTable) -> dict[str, dict[str, list[float]]]:
    """Return (low, high) for the conventions that a run reports too."""
    known = intervals(table)
    return {
        name: {key: list(known[f"{key}{end}"][1:]) for key in ("iou", "dice")}
        for name, end in _REPORTED.items()
    }


def _table(scored: list[FoundScores]) -> Table:
    rows = [
        (
            one.name,
            name,
            CONVENTIONS[name].libraries,
            numbers["iou"],
            numbers["dice"],
            format_interval(one.intervals.get(name, {}).get("dice")),
        )
        for one in scored
        for name, numbers in one.conventions.items()
    ]
    return Table(
        "conventions",
        "IoU and Dice by convention",
        ("found", "convention", "library", "IoU", "Dice", "95 % of Dice"),
        rows,
        "smp is segmentation_models_pytorch.",
    )
