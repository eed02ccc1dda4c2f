"""Time `box_iou` against torchvision, powerboxes, its reference, and filling the output.

python benchmarks/bench_box_iou.py                      # ratios, beside the goals
pytest benchmarks/bench_box_iou.py --benchmark-only
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from measured import each, measure, print_cases
from torch import Tensor
from yolo_candidates import most_candidates

from nntasks.kernel_checks.box_peers import (
    IOU_PEERS,
    OTHER_IOU_PEERS,
    POWERBOXES,
    box_iou_calls,
    ious_alike,
)
from nntasks.kernel_checks.inputs import Calls, Case, random_boxes

KINDS = ("iou", "giou", "diou", "ciou")
FILL = "filling the output"
CANDIDATES = 4096

Pair = tuple[Tensor, Tensor]


def fill(size: int) -> None:
    torch.full((size, size), 0.5)


def prepared(kind: str, pair: Callable[[], Pair]) -> Calls:
    a, b = pair()
    return {**box_iou_calls(a, b, kind), FILL: partial(fill, len(a))}


def pair_of_random(size: int) -> Pair:
    return random_boxes(size, 0), random_boxes(size, 1)


def pair_of_candidates() -> Pair:
    best = most_candidates(CANDIDATES).boxes
    return best, best


def compare(ours: Tensor, theirs: Any) -> str | None:
    return None if theirs is None else ious_alike(ours, theirs)


def case(work: str, kind: str, pair: Callable[[], Pair], goals: dict[str, float]) -> Case:
    prepare = partial(prepared, kind, pair)
    peers = (*(IOU_PEERS if kind in ("iou", "giou") else OTHER_IOU_PEERS), FILL)
    return Case("box_iou", f"{work}, {kind}", prepare, peers, goals, compare=compare)


def made_up(kind: str, size: int, goals: dict[str, float]) -> Case:
    return case(f"{size} x {size}", kind, partial(pair_of_random, size), goals)


CASES = (
    # The peers of the other kinds would need tens of gigabytes.
    made_up("iou", 8192, {"torchvision": 10.0, FILL: 1 / 1.5}),
    case(
        f"{CANDIDATES} candidates of a photograph",
        "iou",
        pair_of_candidates,
        {"torchvision": 10.0, POWERBOXES: 3.0},
    ),
    *(made_up(kind, 1024, {}) for kind in KINDS),
)


@each(CASES[1:])
def test_box_iou(benchmark, case, who):
    found = measure(benchmark, case, who)
    assert not compare(case.calls()["ours"](), found)


if __name__ == "__main__":
    print_cases(CASES)
