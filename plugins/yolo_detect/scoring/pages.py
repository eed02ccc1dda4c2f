"""The page of a set of detections: curves, and the images with what was found in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePath

from nntasks.errors import UsageError
from nntasks.interfaces.pictures import ImageBrowser
from nntasks.interfaces.report_data import Figure, Table
from nntasks.interfaces.scoring import ScorePage
from nntasks.pictures.files import SUFFIXES, image_size
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable, match_table
from nntasks.plugins.yolo_detect.evaluation.resampling import OperatingPoint
from nntasks.plugins.yolo_detect.scoring.calibrated import MOST
from nntasks.plugins.yolo_detect.scoring.columns import TrueImage, Truth
from nntasks.plugins.yolo_detect.scoring.confidence import Resampled
from nntasks.storage.listing import files_below

_IOU, _CONFIDENCE = 0.5, 0.25  # of curves and of counts by image


def page(
    name: str,
    case: Problem,
    truth: Truth,
    images: Path | None,
    groups: Mapping[str, Sequence[str]],
    resampled: Resampled | None,
) -> ScorePage:
    """Return the page; nothing is computed before it is written.

    Args:
        name: of the detections.
        case: what is scored.
        truth: where the images' files and sizes stand.
        images: the folder of the pictures; None for a page without them.
        groups: by column of a slices file, the value of each image.
        resampled: the numbers on resamples, if they are wanted.
    """
    made = _Page(case, truth, images, groups)
    browser = made.browser if images else None

    def tables() -> list[Table]:
        return made.tables() + (resampled.class_tables(name) if resampled else [])

    return ScorePage(name, list(made.figures()), tables, browser)


class _Page:
    def __init__(
        self,
        case: Problem,
        truth: Truth,
        images: Path | None,
        groups: Mapping[str, Sequence[str]],
    ) -> None:
        self._case, self._truth, self._images, self._groups = case, truth, images, groups

    @cached_property
    def _table(self) -> MatchTable:
        return match_table(self._case.records, self._case.class_names, max_detections=MOST)

    def figures(self) -> Iterator[Figure]:
        """Yield the curves."""
        from nntasks.plugins.yolo_detect.evaluation import figures as drawings
        from nntasks.plugins.yolo_detect.evaluation.coco import coco_numbers
        from nntasks.plugins.yolo_detect.evaluation.confusion import confusion_matrix
        from nntasks.plugins.yolo_detect.evaluation.curves import confidence_counts
        from nntasks.plugins.yolo_detect.evaluation.hits import ranked_hits

        names = self._case.class_names
        yield Figure(
            "precision_recall",
            "Precision against recall",
            "The area under a curve is the average precision of its class.",
            lambda: drawings.precision_recall_figure(
                ranked_hits(self._table), names, self._table.threshold_index(_IOU), _IOU
            ),
        )
        yield Figure(
            "confidence",
            "Precision, recall and F1 against the confidence threshold",
            "The threshold with the highest F1 is a good choice for use.",
            lambda: drawings.confidence_figure(
                confidence_counts(self._table, _IOU), _IOU, _CONFIDENCE
            ),
        )
        yield Figure(
            "confusion_matrix",
            "Confusion matrix",
            "Each row shows how the true objects of one class were detected.",
            lambda: drawings.confusion_figure(
                confusion_matrix(self._table, _IOU, _CONFIDENCE), names, _IOU, _CONFIDENCE
            ),
        )
        yield Figure(
            "classes",
            "Average precision by class",
            "",
            lambda: drawings.class_figure(coco_numbers(self._table), names),
        )

    def tables(self) -> list[Table]:
        """Return where the errors lie."""
        from nntasks.plugins.yolo_detect.scoring.error_tables import error_tables

        at = OperatingPoint(iou=_IOU, confidence=_CONFIDENCE)
        return error_tables(self._case, self._table, at, self._groups, self._truth.images)

    def browser(self, folder: Path) -> ImageBrowser | None:
        """Return the images to look through, named relative to the folder of the page."""
        from nntasks.plugins.yolo_detect.evaluation.tide import detection_errors
        from nntasks.plugins.yolo_detect.image_browser import (
            browsed,
            image_numbers,
            outlines_of,
        )

        pictures = self._pictures(folder)
        numbers = {
            name: values
            for name, values in image_numbers(self._table, _IOU, _CONFIDENCE).items()
            if name in pictures
        }
        errors = detection_errors(self._case.records)
        outlines = outlines_of(self._case.records, errors, self._case.class_names)
        return browsed(numbers, outlines, pictures.__getitem__, _CONFIDENCE) if numbers else None

    def _pictures(self, folder: Path) -> dict[int | str, tuple[str, int, int]]:
        """Return (relative path, width, height) of each image whose file is there."""
        assert self._images is not None
        files = files_below(self._images, SUFFIXES)
        by_path = {str(file.relative_to(self._images)): file for file in files}
        by_stem = {file.stem: file for file in files}
        found = {}
        for image in self._truth.images:
            stem = PurePath(image.file or str(image.name)).stem
            file = by_path.get(image.file) or by_stem.get(stem)
            size = _size(image, file) if file else None
            if file and size:
                found[image.name] = (os.path.relpath(file, folder), *size)
        return found


def _size(image: TrueImage, file: Path) -> tuple[int, int] | None:
    """Return the size that boxes refer to; None if it is not stated and the file is no picture."""
    if all(image.size):
        return image.size
    try:
        return image_size(file)
    except UsageError:
        return None
