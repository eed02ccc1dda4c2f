"""Time `nms` against torchvision, powerboxes and its reference in Python, and how it grows.

python benchmarks/bench_nms.py                          # ratios, beside the goals
pytest benchmarks/bench_nms.py --benchmark-only         # the same as pytest-benchmark groups
"""

from __future__ import annotations

from functools import partial

from measured import each, measure, print_cases
from yolo_candidates import IOU, candidates

from nntasks import ops
from nntasks.kernel_checks.box_peers import (
    NMS_PEERS,
    POWERBOXES,
    kept_alike,
    nms_calls,
    one_after_another,
)
from nntasks.kernel_checks.inputs import Calls, Case, clustered_boxes, random_boxes, random_scores
from nntasks.kernel_checks.timing import medians, seconds

THRESHOLD = 0.5
GROWTH = (1_000, 10_000, 100_000, 1_000_000)
MOST_GROWTH = 15.0


def prepared(make, count: int) -> Calls:
    return nms_calls(make(count), random_scores(count), THRESHOLD)


def of_photographs() -> Calls:
    return one_after_another([nms_calls(each.boxes, each.scores, IOU) for each in candidates()])


def case(name: str, make, count: int, goal: float, *, with_python: bool = True) -> Case:
    return Case(
        "nms",
        f"{count:,} {name} boxes",
        partial(prepared, make, count),
        NMS_PEERS,
        {"torchvision": goal},
        with_python,
        kept_alike,
    )


CASES = (
    case("random", random_boxes, 25_200, 30.0),
    case("random", random_boxes, 100_000, 100.0, with_python=False),
    case("clustered", clustered_boxes, 5_000, 3.0),
    case("clustered", clustered_boxes, 25_200, 3.0),
    Case(
        "nms",
        "candidates of 128 photographs",
        of_photographs,
        NMS_PEERS,
        {"torchvision": 10.0, POWERBOXES: 5.0},
        with_python=False,
        compare=kept_alike,
    ),
)


@each(CASES)
def test_nms(benchmark, case, who):
    assert kept_alike(case.calls()["ours"](), measure(benchmark, case, who)) == ""


def print_growth() -> None:
    """Print how the time grows with the number of boxes, spread out alike."""
    calls = {}
    for count in GROWTH:
        boxes, scores = random_boxes(count), random_scores(count)
        boxes = boxes * (count / 25_200) ** 0.5  # as many neighbours whatever the count
        boxes[:, 2:] = boxes[:, :2] + random_boxes(count)[:, 2:] - random_boxes(count)[:, :2]
        calls[str(count)] = partial(ops.nms, boxes, scores, THRESHOLD)
    times = medians(calls, rounds=9)
    print(f"\n  nms of boxes   time     against a tenth of them (goal <= {MOST_GROWTH:g}x)")
    for count in GROWTH:
        line = f"  {count:>12,} {seconds(times[str(count)]):>9}"
        if count > GROWTH[0]:
            growth = times[str(count)] / times[str(count // 10)]
            line += f"  {growth:.1f}x  {'met' if growth <= MOST_GROWTH else 'MISSED'}"
        print(line)


if __name__ == "__main__":
    print_cases(CASES)
    print_growth()
