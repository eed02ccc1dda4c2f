"""How sure COCO's numbers are, and whether one set of detections is better than another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nntasks.interfaces.report_data import Table
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.twelve import NAMES

_SHOWN = ("map50_95", "map50", "map75")


class Resampled:
    """COCO's numbers of all predictions on the same resamples of the images.

    Args:
        problems: what is scored, by name.
        resamples: how many.
    """

    def __init__(self, problems: Mapping[str, Problem], resamples: int) -> None:
        from nntasks.plugins.yolo_detect.evaluation.intervals import detection_replicates
        from nntasks.plugins.yolo_detect.evaluation.matches import match_table
        from nntasks.plugins.yolo_detect.evaluation.resampling import OperatingPoint

        self._replicates = {
            name: detection_replicates(
                match_table(case.records, case.class_names), OperatingPoint(), resamples=resamples
            )
            for name, case in problems.items()
        }

    def intervals(self, name: str) -> dict[str, dict[str, list[float]]]:
        """Return (low, high) of the 95 % interval of each of the twelve numbers."""
        known = self._replicates[name].all
        found = {key: known[key].interval() for key in NAMES}
        return {"pycocotools": {key: [one.low, one.high] for key, one in found.items()}}

    def tables(self) -> list[Table]:
        """Return the intervals, and differences from the first predictions."""
        first, *others = self._replicates
        rows: list[tuple[Any, ...]] = []
        for name, own in self._replicates.items():
            for key in _SHOWN:
                one = own.all[key].interval()
                rows.append((name, key, one.value, one.low, one.high))
        made = [
            Table(
                "intervals",
                "95 % intervals, by the bootstrap over images",
                ("found", "number", "value", "low", "high"),
                rows,
            )
        ]
        if others:
            made.append(self._differences(first, others))
        return made

    def _differences(self, first: str, others: list[str]) -> Table:
        rows = []
        for name in others:
            for key in _SHOWN:
                mine, theirs = (self._replicates[each].all[key] for each in (name, first))
                one = mine.difference(theirs)
                rows.append((f"{name} - {first}", key, one.value, one.low, one.high, one.p))
        return Table(
            "differences",
            "Differences on the same resamples",
            ("found", "number", "difference", "low", "high", "p"),
            rows,
            "Where the interval excludes 0, one is better than the other on images like these.",
        )
