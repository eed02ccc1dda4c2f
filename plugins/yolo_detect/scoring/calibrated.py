"""Whether the confidences of detections are what they say, in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nntasks.interfaces.report_data import Table
from nntasks.plugins.yolo_detect.evaluation.calibration import calibration
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable, match_table
from nntasks.plugins.yolo_detect.scoring.columns import TrueImage
from nntasks.statistics.bootstrap import Estimate

MOST = 300  # detections of an image and class


def calibration_errors(case: Problem, images: Sequence[TrueImage]) -> dict[str, Estimate]:
    """Return "d_ece", and "d_ece_position" where the sizes of all images are known."""
    table = match_table(case.records, case.class_names, max_detections=MOST)
    return errors_of(table, sizes_of(table, images))


def errors_of(table: MatchTable, sizes: np.ndarray | None) -> dict[str, Estimate]:
    """Return the same from the matches at IoU 0.5; `sizes` are those of `calibration`."""
    found = {"d_ece": calibration(table).error()}
    if sizes is not None:
        found["d_ece_position"] = calibration(table, sizes=sizes).error()
    return found


def sizes_of(table: MatchTable, images: Sequence[TrueImage]) -> np.ndarray | None:
    """Return (I, 2) float64 widths and heights by place; None if any is unknown."""
    known = {image.name: image.size for image in images}
    sizes = np.array([known.get(name, (0, 0)) for name in table.image_ids], np.float64)
    return sizes if len(sizes) and (sizes > 0).all() else None


def calibration_table(errors: Mapping[str, Mapping[str, Estimate]]) -> Table:
    """Return the errors by predictions and name."""
    rows = [(name, number, *one) for name, found in errors.items() for number, one in found.items()]
    return Table(
        "calibration",
        "Calibration error of the detections (D-ECE)",
        ("found", "number", "value", "low", "high"),
        rows,
        "Mean gap between confidence and precision, in bins of confidence, or of confidence and "
        "position.",
    )
