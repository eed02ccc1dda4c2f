"""Where the errors lie, for page and JSON: sizes, crowding, slices, confidences, labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from nntasks.interfaces.report_data import Table
from nntasks.plugins.yolo_detect.evaluation import label_errors, slices
from nntasks.plugins.yolo_detect.evaluation.calibration import calibration
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable, match_table
from nntasks.plugins.yolo_detect.evaluation.resampling import OperatingPoint
from nntasks.plugins.yolo_detect.evaluation.tide import detection_errors
from nntasks.plugins.yolo_detect.scoring.calibrated import MOST, errors_of, sizes_of
from nntasks.plugins.yolo_detect.scoring.columns import TrueImage
from nntasks.report.formatting import format_interval, format_value
from nntasks.statistics.bootstrap import Estimate

_Content = tuple[str, str, Sequence[Mapping[str, Any]], str]  # name, title, rows, caption
AT = OperatingPoint(iou=0.5, confidence=0.25)  # of recall, curves and counts by image
_MOST = 100  # candidates for errors in the truth that are listed
_AT = "Found at confidence >= {0.confidence:g} and IoU >= {0.iou:g}; low and high: 95 % interval."


class Errors:
    """Where the errors of one set of detections lie, computed when it is first asked for.

    Args:
        case: what is scored.
        groups: by column of a slices file, the value of each image.
        images: of the truth, for their sizes.
    """

    def __init__(
        self, case: Problem, groups: Mapping[str, Sequence[str]], images: Sequence[TrueImage]
    ) -> None:
        self._case, self._groups, self._images = case, groups, images

    @cached_property
    def matches(self) -> MatchTable:
        """The table of matches."""
        return match_table(self._case.records, self._case.class_names, max_detections=MOST)

    @cached_property
    def _contents(self) -> list[_Content]:
        return [
            *_by_group(self.matches, AT, self._groups),
            _reliability(self.matches, AT, self._images),
            *_in_truth(self._case),
        ]

    def rows(self) -> dict[str, Any]:
        """Return {"errors": rows by name of the table}, all of them."""
        found = {name: list(rows) for name, _, rows, _ in self._contents}
        if not self._groups:
            del found["slices"]
        return {"errors": found}

    def tables(self) -> list[Table]:
        """Return the tables that have rows, of the first rows."""
        return [_table(*one) for one in self._contents if one[2]]


def _by_group(
    table: MatchTable, at: OperatingPoint, groups: Mapping[str, Sequence[str]]
) -> Iterator[_Content]:
    yield (
        "recall_by_size",
        "Recall by size of the object",
        slices.recall_by_size(table, at),
        _AT.format(at),
    )
    yield (
        "recall_by_crowding",
        "Recall by the number of objects that overlap the object",
        slices.recall_by_crowding(table, at),
        _AT.format(at),
    )
    yield (
        "slices",
        "Numbers by group of images",
        slices.numbers_by_slice(table, at, groups),
        "Groups are the values of the columns of the slices file.",
    )


def _reliability(table: MatchTable, at: OperatingPoint, images: Sequence[TrueImage]) -> _Content:
    found = calibration(table, at.iou)
    errors = errors_of(table, sizes_of(table, images))
    caption = (
        "Precision of the detections by confidence; gap: mean confidence minus precision. The "
        f"calibration error D-ECE is {_text(errors['d_ece'])}."
    )
    if "d_ece_position" in errors:
        caption += f" In bins of confidence and place it is {_text(errors['d_ece_position'])}."
    return "reliability", "Are the confidences calibrated?", found.rows(), caption


def _text(error: Estimate) -> str:
    ends = format_interval((error.low, error.high))
    return f"{error.value:.4f} ({ends})" if ends else format_value(error.value)


def _in_truth(case: Problem) -> Iterator[_Content]:
    """Yield candidates for errors in the truth."""
    records, names = case.records, case.class_names
    yield (
        "duplicates_in_truth",
        "Objects that the truth may have twice",
        label_errors.duplicates(records, names),
        "Two objects of one class with an IoU above 0.9.",
    )
    yield (
        "unlabelled",
        "Detections of things that the truth may lack",
        label_errors.unlabelled(records, names),
        "Confident detections that touch no object: candidates for missing labels.",
    )
    yield (
        "wrong_labels",
        "Objects that the truth may label wrongly",
        label_errors.wrong_classes(records, detection_errors(records), names),
        "A confident detection finds the object under another class.",
    )


def _table(name: str, title: str, rows: Sequence[Mapping[str, Any]], caption: str) -> Table:
    """Return a table of the first rows; their keys are the columns."""
    columns = list(rows[0])
    cells = [[row[key] for key in columns] for row in rows[:_MOST]]
    return Table(name, title, columns, cells, caption)
