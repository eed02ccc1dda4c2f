"""Pictures with the outlines of masks and predictions, for the image browser of a report."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from nntasks.interfaces import Outcome
from nntasks.interfaces.pictures import BrowsedPicture, ImageBrowser, Outline, OutlineKind
from nntasks.plugins.unet_segment.evaluation.metric import SegmentationMetric
from nntasks.plugins.unet_segment.model import UnetModel
from nntasks.plugins.unet_segment.prediction import outlines
from nntasks.plugins.unet_segment.report import items
from nntasks.plugins.unet_segment.sample_figures import PredictedSample, predicted_samples
from nntasks.plugins.unet_segment.samples import IGNORED, OBJECT
from nntasks.plugins.unet_segment.splits import MaskedPictures
from nntasks.report.encoding import compact
from nntasks.report.gallery import shown

KINDS = (
    OutlineKind("prediction", "#ffe600", "the outline of the predicted object."),
    OutlineKind("mask", "#74b9ff", "the outline of the true object.", dashed=True),
    OutlineKind("not counted", "#b2bec3", "pixels that are not counted.", dashed=True),
)
_NUMBERS = ("dice", "iou", "boundary iou", "false alarms", "misses")
_NOTE = "The lowest Dice comes first."


def browser(metric: SegmentationMetric, outcome: Outcome) -> ImageBrowser | None:
    """Return the browser of a run's test pictures; None if the split has none.

    Of many pictures the worst and some others are taken.
    """
    model, split = outcome.model, outcome.split
    if not (isinstance(model, UnetModel) and isinstance(split, MaskedPictures)):
        return None
    rows = {row["id"]: row for row in items(metric.table)}
    pictures = [
        BrowsedPicture(
            sample.name,
            compact(Image.fromarray(sample.picture)),
            sample.picture.shape[1],
            sample.picture.shape[0],
            {name: rows[sample.name][name] for name in _NUMBERS},
            list(_outlines(sample, metric.threshold)),
        )
        for sample in predicted_samples(model, split, shown(list(rows)))
    ]
    return ImageBrowser(KINDS, pictures, _NOTE)


def _outlines(sample: PredictedSample, threshold: float) -> Iterator[Outline]:
    masks = (sample.truth == OBJECT, sample.truth == IGNORED)
    for kind, mask in enumerate(masks, 1):
        for line in outlines(mask.astype(np.float64), 0.5):
            yield Outline(line.reshape(-1).tolist(), "object", kind)
    for line in outlines(sample.shares, threshold):
        yield Outline(line.reshape(-1).tolist(), "object", 0)
