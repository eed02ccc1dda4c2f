"""Time `batched_nms` against torchvision and against its reference in Python.

python benchmarks/bench_batched_nms.py                  # ratios, beside the goals
pytest benchmarks/bench_batched_nms.py --benchmark-only
"""

from __future__ import annotations

from functools import partial

import torchvision
from measured import each, measure, print_cases

from nntasks import ops
from nntasks.kernel_checks.inputs import (
    Calls,
    Case,
    clustered_boxes,
    random_boxes,
    random_groups,
    random_scores,
)

THRESHOLD, CLASSES = 0.5, 80


def prepared(make, count: int) -> Calls:
    data = make(count), random_scores(count), random_groups(count, CLASSES)
    return {
        "ours": partial(ops.batched_nms, *data, THRESHOLD),
        "torchvision": partial(torchvision.ops.batched_nms, *data, THRESHOLD),
    }


def case(name: str, make, count: int, goals: dict[str, float]) -> Case:
    work = f"{count:,} {name} boxes, {CLASSES} classes"
    return Case("batched_nms", work, partial(prepared, make, count), ("torchvision",), goals)


CASES = (
    case("random", random_boxes, 25_200, {"torchvision": 8.0}),
    case("clustered", clustered_boxes, 25_200, {"torchvision": 8.0}),
    case("clustered", clustered_boxes, 4_000, {}),
)


@each(CASES)
def test_batched_nms(benchmark, case, who):
    kept = measure(benchmark, case, who)
    ours = case.calls()["ours"]()
    # torchvision shifts the classes apart, which costs digits: a box at the threshold may differ
    assert abs(len(kept) - len(ours)) <= (len(ours) // 1000 if who == "torchvision" else 0)


if __name__ == "__main__":
    print_cases(CASES)
