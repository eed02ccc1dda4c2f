"""The difference between two programs, taken apart: their rules changed one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from nntasks.plugins.yolo_detect.evaluation.coco import mean
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import rank
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules

# The rules that change together, in the order of the work.
_TOGETHER = (
    ("most", "per_class"),
    ("crowds",),
    ("difficult",),
    ("pixel",),
    ("arithmetic",),
    ("matching",),
    ("order",),
    ("average",),
)
_AVERAGES = {
    "coco": "averaging: 101 recalls, in steps",
    "single": "averaging: 101 recalls in single precision, in steps",
    "yolov5": "averaging: 101 recalls by straight lines, down to (1, 0)",
    "ultralytics": "averaging: 101 recalls by straight lines, up to the highest recall",
    "voc07": "averaging: 11 recalls, in steps",
    "voc10": "averaging: the area of all steps",
}

_ARITHMETIC = {
    "double": "boxes in double precision",
    "single boxes": "boxes and scores in single precision",
    "single": "boxes, scores and IoUs in single precision",
}

_WORDS = {
    "crowds": "crowd regions:",
    "difficult": "difficult objects:",
    "matching": "matching, of a detection's objects:",
    "order": "order of equal scores:",
}


@dataclass(frozen=True)
class Step:
    """A program on the way from one to another.

    Attributes:
        what: the rule that changed, as it now is.
        map50, map50_95: the numbers by the rules up to here, in 0..1.
    """

    what: str
    map50: float
    map50_95: float


def walk(problem: Problem, start: Rules, end: Rules) -> Iterator[Step]:
    """Yield the numbers of `start`, then of each program on the way, the last being `end`.

    The difference of a step from the one before is what its rule costs. They add up to the whole
    difference, and depend on the order of the steps.
    """
    yield _step(problem, start, "")
    wanted = asdict(end)
    rules = start
    for names in _TOGETHER:
        changed = replace(rules, **{name: wanted[name] for name in names})
        if changed != rules:
            rules = changed
            yield _step(problem, rules, _describe(rules, names[0]))


def _step(problem: Problem, rules: Rules, what: str) -> Step:
    precision = rank(problem, rules).average_precision(rules.average)
    return Step(what, mean(precision[0]), mean(precision))


def _describe(rules: Rules, name: str) -> str:
    if name == "most":
        of = "an image and class" if rules.per_class else "an image"
        return "all detections" if rules.most is None else f"the best {rules.most} of {of}"
    if name == "pixel":
        return f"edges {rules.pixel} pixel wide"
    if name == "average":
        return _AVERAGES[rules.average]
    if name == "arithmetic":
        return _ARITHMETIC[rules.arithmetic]
    return f"{_WORDS[name]} {getattr(rules, name)}"
