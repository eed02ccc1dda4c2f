"""Time `box_iou` against torchvision, against its reference, and against filling the output.

python benchmarks/bench_box_iou.py                      # ratios, beside the goals
pytest benchmarks/bench_box_iou.py --benchmark-only
"""

from __future__ import annotations

from functools import partial

import torch
import torchvision
from measured import each, measure, print_cases

from nntasks import ops
from nntasks.kernel_checks.inputs import Calls, Case, random_boxes

THEIRS = {
    "iou": torchvision.ops.box_iou,
    "giou": torchvision.ops.generalized_box_iou,
    "diou": torchvision.ops.distance_box_iou,
    "ciou": torchvision.ops.complete_box_iou,
}
FILL = "filling the output"


def prepared(kind: str, size: int) -> Calls:
    a, b = random_boxes(size, 0), random_boxes(size, 1)
    return {
        "ours": partial(ops.box_iou, a, b, kind),
        "torchvision": partial(THEIRS[kind], a, b),
        FILL: partial(torch.full, (size, size), 0.5),
    }


def case(kind: str, size: int, goals: dict[str, float]) -> Case:
    work = f"{size} x {size}, {kind}"
    return Case("box_iou", work, partial(prepared, kind, size), ("torchvision", FILL), goals)


CASES = (
    # The peers of the other kinds would need tens of gigabytes.
    case("iou", 8192, {"torchvision": 10.0, FILL: 1 / 1.5}),
    *(case(kind, 1024, {}) for kind in THEIRS),
)


@each(CASES[1:])
def test_box_iou(benchmark, case, who):
    found = measure(benchmark, case, who)
    expected = case.calls()["torchvision"]()
    assert found.shape == expected.shape
    assert who == FILL or torch.allclose(found, expected, atol=1e-4)


if __name__ == "__main__":
    print_cases(CASES)
