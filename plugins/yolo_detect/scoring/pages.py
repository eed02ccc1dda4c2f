"""The page of a set of detections: curves, and the images with what was found in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from nntasks.errors import UsageError
from nntasks.interfaces.pictures import ImageBrowser
from nntasks.interfaces.report_data import Figure, Table
from nntasks.interfaces.scoring import ScorePage
from nntasks.pictures.files import SUFFIXES, image_size
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable
from nntasks.plugins.yolo_detect.scoring.columns import TrueImage, Truth
from nntasks.plugins.yolo_detect.scoring.confidence import Resampled
from nntasks.plugins.yolo_detect.scoring.error_tables import AT, Errors
from nntasks.storage.listing import files_below

if TYPE_CHECKING:
    from nntasks.plugins.yolo_detect.image_browser import Picture


def page(
    name: str,
    case: Problem,
    truth: Truth,
    images: Path | None,
    errors: Errors,
    resampled: Resampled | None,
) -> ScorePage:
    """Return the page; nothing is computed before it is written.

    Args:
        name: of the detections.
        case: what is scored.
        truth: where the images' files and sizes stand.
        images: the folder of the pictures; None for a page without them.
        errors: where its errors lie.
        resampled: the numbers on resamples, if they are wanted.
    """
    made = _Page(case, truth, images, errors)
    browser = made.browser if images or truth.reads else None

    def tables() -> list[Table]:
        return errors.tables() + (resampled.class_tables(name) if resampled else [])

    return ScorePage(name, list(made.figures()), tables, browser)


class _Page:
    def __init__(self, case: Problem, truth: Truth, images: Path | None, errors: Errors) -> None:
        self._case, self._truth, self._images, self._errors = case, truth, images, errors

    @property
    def _table(self) -> MatchTable:
        return self._errors.matches

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
                ranked_hits(self._table), names, self._table.threshold_index(AT.iou), AT.iou
            ),
        )
        yield Figure(
            "confidence",
            "Precision, recall and F1 against the confidence threshold",
            "The threshold with the highest F1 is a good choice for use.",
            lambda: drawings.confidence_figure(
                confidence_counts(self._table, AT.iou), AT.iou, AT.confidence
            ),
        )
        yield Figure(
            "confusion_matrix",
            "Confusion matrix",
            "Each row shows how the true objects of one class were detected.",
            lambda: drawings.confusion_figure(
                confusion_matrix(self._table, AT.iou, AT.confidence), names, AT.iou, AT.confidence
            ),
        )
        yield Figure(
            "classes",
            "Average precision by class",
            "",
            lambda: drawings.class_figure(coco_numbers(self._table), names),
        )

    def browser(self, folder: Path) -> ImageBrowser | None:
        """Return the images to look through, named relative to the folder of the page."""
        from nntasks.plugins.yolo_detect.evaluation.tide import detection_errors
        from nntasks.plugins.yolo_detect.image_browser import (
            browsed,
            image_numbers,
            outlines_of,
        )

        numbers = image_numbers(self._table, AT.iou, AT.confidence)
        picture = self._picture(folder, numbers)
        numbers = {name: values for name, values in numbers.items() if name in picture}
        errors = detection_errors(self._case.records)
        outlines = outlines_of(self._case.records, errors, self._case.class_names)
        if not numbers:
            return None
        return browsed(numbers, outlines, lambda name: picture[name](), AT.confidence)

    def _picture(
        self, folder: Path, ranked: Iterable[int | str]
    ) -> dict[int | str, Callable[[], Picture]]:
        """Return what gives the picture of each image to show: of files all, of a run some."""
        from nntasks.plugins.yolo_detect.image_browser import embedded
        from nntasks.report.gallery import shown

        reads = self._truth.reads
        if self._images is None and reads is not None:
            return {name: partial(embedded, reads[name]) for name in shown(list(ranked))}
        files = self._pictures(folder)
        return {name: partial(files.__getitem__, name) for name in files}

    def _pictures(self, folder: Path) -> dict[int | str, Picture]:
        """Return (relative path, width, height) of each image whose file is there."""
        assert self._images is not None
        files = files_below(self._images, SUFFIXES)
        by_path = {str(file.relative_to(self._images)): file for file in files}
        by_stem = {file.stem: file for file in files}
        found: dict[int | str, Picture] = {}
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
