"""Score masks of any program: two folders, paired by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from nntasks.config import Integers, Options
from nntasks.errors import UsageError
from nntasks.interfaces.report_data import Table
from nntasks.interfaces.scoring import FoundScores, Scorer, Scores
from nntasks.pictures.files import SUFFIXES
from nntasks.pictures.labels import read_labels
from nntasks.plugins.unet_segment.data.mask_contents import MaskContents, contents_of
from nntasks.plugins.unet_segment.data.mask_keys import MaskKeys
from nntasks.plugins.unet_segment.data.mask_meaning import Meaning, decide, has_labels
from nntasks.plugins.unet_segment.data.pair_checks import common_size, of_each
from nntasks.plugins.unet_segment.data.pairing import Pair, pair_masks
from nntasks.plugins.unet_segment.evaluation.conventions import CONVENTIONS
from nntasks.plugins.unet_segment.evaluation.counts import CountTable, dice, iou
from nntasks.plugins.unet_segment.evaluation.metric import SegmentationMetric
from nntasks.plugins.unet_segment.samples import IGNORED, OBJECT
from nntasks.report.differences import difference_details, difference_table
from nntasks.report.formatting import format_interval, how_many
from nntasks.statistics.bootstrap import Replicates, replicates
from nntasks.storage.listing import files_below

_DIFFERENCES = "Differences on the same resamples of the pictures"
_LABELS = (0, 1, 255)
_MEASURES = {"iou": iou, "dice": dice}


class ScoreConfig(Options):
    """Options of `score unet_segment`; they say what labels mean, as those of `mask_folders`."""

    object: Integers = Field(
        (), description="labels of the object; by default the only label besides 0"
    )
    ignored: int | None = Field(
        None, ge=0, le=255, description="label in the truth of pixels to leave out"
    )
    threshold: int | None = Field(
        None,
        ge=1,
        le=255,
        description="lowest grey of an object pixel, of predictions and of a truth in grey; by "
        "default 128. Labels 0 and 1, or 0 and 255, need none",
    )
    palette: Literal["auto", "numbers"] = Field(
        "auto", description="numbers: masks with a palette count by numbers, not colours"
    )
    mask_suffix: str = Field(
        "", description="what names of the truth have after the prediction's name, such as _mask"
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
        known = {name: _replicates(table) for name, table in tables.items()}
        scored = [_scored(name, table, known) for name, table in tables.items()]
        said = [
            f"{name}: {how_many(len(table.ids), 'mask')}, "
            f"{how_many(int(table.pixels.sum()), 'pixel')} counted"
            for name, table in tables.items()
        ]
        made = [_table(scored), _intervals(scored)]
        if len(tables) > 1:
            made.append(difference_table(known, "differences", _DIFFERENCES))
        return Scores(task, scored, made, said)

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
        true = self._of_truth(of_each(pairs, lambda pair: _contents(pair.mask)))
        said = self._of_found(of_each(pairs, lambda pair: _contents(pair.picture)))
        metric = SegmentationMetric()
        for pair in pairs:
            found = (_mask(pair.picture, said) == OBJECT).astype(np.float64)
            metric.update([found], [_mask(pair.mask, true)], [str(pair.mask)])
        return metric.table

    def _of_truth(self, files: Sequence[MaskContents]) -> Meaning:
        """Return what the labels of the truth mean; a threshold concerns a truth in grey alone."""
        keys = replace(self._keys("truth"), ignored=self.config.ignored, can_ignore=True)
        if keys.objects or has_labels(files, keys, _LABELS):
            keys = replace(keys, threshold=None)
        meaning = decide(files, keys)
        if keys.threshold is not None:
            _refuse_empty(files, meaning, keys.threshold)
        return meaning

    def _of_found(self, files: Sequence[MaskContents]) -> Meaning:
        """Return what the labels of predictions mean; 0 and 1 alone are no greys."""
        keys = self._keys("found")
        if has_labels(files, keys, (0, 1)):
            keys = replace(keys, threshold=None)
        return decide(files, keys)

    def _keys(self, masks: str) -> MaskKeys:
        config = self.config
        return MaskKeys(
            config.object,
            threshold=config.threshold,
            palette=config.palette,
            prefix="",
            masks=masks,
            can_ignore=False,
        )


def _contents(path: Path) -> MaskContents:
    return contents_of(path, read_labels(path))


def _refuse_empty(files: Sequence[MaskContents], meaning: Meaning, threshold: int) -> None:
    """Refuse a truth with labels that are all below the threshold."""
    if any(file.two_valued for file in files):
        return
    counts = [file.greys if meaning.reading == "grey" else file.counts for file in files]
    total = np.sum(counts, axis=0) * (meaning.table != IGNORED)
    present = np.flatnonzero(total).tolist()
    if present and 0 < present[-1] < threshold:
        raise UsageError(
            f"truth: no label of the masks reaches threshold={threshold}, the highest is "
            f"{present[-1]}; say which are of the object with object={present[-1]}"
        )


def _mask(path: Path, meaning: Meaning) -> np.ndarray:
    return meaning.mask(read_labels(path))


def _replicates(table: CountTable) -> dict[str, Replicates]:
    """Return IoU and Dice of every convention on resamples, by name as "image_both dice"."""

    def numbers(weights: np.ndarray) -> dict[str, np.ndarray]:
        drawn = weights.astype(np.float64)
        return {
            f"{name} {key}": way.weighted(measure, table, drawn)
            for name, way in CONVENTIONS.items()
            for key, measure in _MEASURES.items()
        }

    return replicates(numbers, len(table.ids), seed=0)


def _scored(
    name: str, table: CountTable, known: Mapping[str, Mapping[str, Replicates]]
) -> FoundScores:
    numbers: dict[str, dict[str, float]] = {}
    ends: dict[str, dict[str, list[float]]] = {}
    for convention, way in CONVENTIONS.items():
        numbers[convention] = {key: way.read(one, table) for key, one in _MEASURES.items()}
        ends[convention] = {
            key: list(known[name][f"{convention} {key}"].interval()[1:]) for key in _MEASURES
        }
    return FoundScores(name, numbers, ends, difference_details(known, name))


def _table(scored: list[FoundScores]) -> Table:
    rows = [
        (
            one.name,
            name,
            CONVENTIONS[name].libraries,
            numbers["iou"],
            numbers["dice"],
        )
        for one in scored
        for name, numbers in one.conventions.items()
    ]
    return Table(
        "conventions",
        "IoU and Dice by convention",
        ("found", "convention", "library", "IoU", "Dice"),
        rows,
        "smp is segmentation_models_pytorch.",
    )


def _intervals(scored: list[FoundScores]) -> Table:
    rows = [
        (one.name, name, *(format_interval(ends[key]) for key in _MEASURES))
        for one in scored
        for name, ends in one.intervals.items()
    ]
    return Table(
        "intervals",
        "95 % intervals, by the bootstrap over pictures",
        ("found", "convention", "IoU", "Dice"),
        rows,
    )
