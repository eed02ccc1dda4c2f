"""What `score yolo_detect` prints: the numbers, where the errors lie, and what to know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nntasks.interfaces.report_data import Table
from nntasks.interfaces.scoring import FoundScores
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.scoring.traps import traps
from nntasks.plugins.yolo_detect.scoring.why import why_table
from nntasks.report.formatting import how_many

_COCO = (
    *("map50_95", "map50", "map75", "map_small", "map_medium", "map_large"),
    *("ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large"),
)


def tables(
    scored: Sequence[FoundScores], problems: Mapping[str, Problem], why: Sequence[str]
) -> list[Table]:
    """Return the tables of all predictions."""
    made = [_conventions(scored)]
    if any("pycocotools" in one.conventions for one in scored):
        made.append(_coco(scored))
    if any(one.details["tide"] for one in scored):
        made.append(_tide(scored))
    for pair in why:
        start, _, end = pair.rpartition(":")
        made += [
            why_table(name, case, start or "pycocotools", end) for name, case in problems.items()
        ]
    return made


def _conventions(scored: Sequence[FoundScores]) -> Table:
    columns = ("found", "convention", "mAP@0.5", "mAP@0.5:0.95", "precision", "recall", "F1")
    rows = []
    for one in scored:
        for name, numbers in one.conventions.items():
            program = PROGRAMS[name]
            values = [numbers.get(key) for key in (program.map50, program.map50_95)]
            rows.append((one.name, name, *values, *map(numbers.get, ("precision", "recall", "f1"))))
    return Table(
        "conventions",
        "mAP by each convention",
        columns,
        rows,
        "Precision, recall and F1: means over classes at the confidence with the highest mean F1.",
    )


def _coco(scored: Sequence[FoundScores]) -> Table:
    rows = [(key, *(one.conventions["pycocotools"][key] for one in scored)) for key in _COCO]
    return Table(
        "coco",
        "The twelve numbers of COCO",
        ("number", *(one.name for one in scored)),
        rows,
        "map: average precision. ar: average recall with the given number of detections per image "
        "and class.",
    )


def _tide(scored: Sequence[FoundScores]) -> Table:
    kinds = next(list(one.details["tide"]) for one in scored if one.details["tide"])
    return Table(
        "tide",
        "Errors: the gain in AP at IoU 0.5, in points, if each kind of error were fixed",
        ("found", *kinds),
        [(one.name, *(one.details["tide"].get(kind) for kind in kinds)) for one in scored],
        "Cls: wrong class. Loc: inaccurate box. Dupe: duplicate. Bkg: on background.",
    )


def notes(problems: Mapping[str, Problem], why: Sequence[str], has_intervals: bool) -> list[str]:
    """Return what a reader should know of the numbers, a sentence each."""
    if not problems:
        return []
    first = next(iter(problems.values())).records
    crowds = int(first.truths.crowd.sum())
    objects = len(first.truths.crowd) - crowds
    counts = ((len(first.image_ids), "image"), (objects, "object"), (crowds, "crowd region"))
    said = [", ".join(how_many(*one) for one in counts)]
    for name, case in problems.items():
        said += [f"{name}: {line}" for line in traps(case)]
    if not why:
        said.append("--why pycocotools ultralytics explains the difference between two rows")
    if not has_intervals:
        said.append("resamples=1000 gives every number its 95 % interval")
    return said
