"""Time `batched_nms` against torchvision, powerboxes and its reference in Python.

python benchmarks/bench_batched_nms.py                  # ratios, beside the goals
pytest benchmarks/bench_batched_nms.py --benchmark-only
"""

from __future__ import annotations

from functools import partial

import torch
from measured import each, measure, print_cases
from yolo_candidates import CLASSES, IOU, candidates

from nntasks.kernel_checks.box_peers import (
    BATCHED_NMS_PEERS,
    batched_nms_calls,
    kept_alike,
    one_after_another,
)
from nntasks.kernel_checks.inputs import (
    Calls,
    Case,
    clustered_boxes,
    random_boxes,
    random_groups,
    random_scores,
)

THRESHOLD = 0.5
BATCH = 16  # photographs


def prepared(make, count: int) -> Calls:
    labels = random_groups(count, CLASSES)
    return batched_nms_calls(make(count), random_scores(count), labels, THRESHOLD)


def of_photographs() -> Calls:
    return one_after_another(
        [batched_nms_calls(one.boxes, one.scores, one.labels, IOU) for one in candidates()]
    )


def of_batches() -> Calls:
    """Return calls for batches of photographs, whose classes are groups of their own."""
    found = candidates()
    batches = [found[start : start + BATCH] for start in range(0, len(found), BATCH)]
    return one_after_another(
        [
            batched_nms_calls(
                torch.cat([one.boxes for one in batch]),
                torch.cat([one.scores for one in batch]),
                torch.cat([one.labels + CLASSES * place for place, one in enumerate(batch)]),
                IOU,
            )
            for batch in batches
        ]
    )


def case(work: str, prepare, goals: dict[str, float]) -> Case:
    return Case("batched_nms", work, prepare, BATCHED_NMS_PEERS, goals, compare=kept_alike)


def made_up(name: str, make, count: int, goals: dict[str, float]) -> Case:
    work = f"{count:,} {name} boxes, {CLASSES} classes"
    return case(work, partial(prepared, make, count), goals)


CASES = (
    made_up("random", random_boxes, 25_200, {"torchvision": 8.0}),
    made_up("clustered", clustered_boxes, 25_200, {"torchvision": 8.0}),
    made_up("clustered", clustered_boxes, 4_000, {}),
    case("candidates of 128 photographs", of_photographs, {"torchvision": 8.0}),
    case(f"the same in batches of {BATCH}", of_batches, {"torchvision": 8.0}),
)


@each(CASES)
def test_batched_nms(benchmark, case, who):
    found = measure(benchmark, case, who)
    if who in ("native", "python"):
        assert kept_alike(case.calls()["ours"](), found) == ""


if __name__ == "__main__":
    print_cases(CASES)
