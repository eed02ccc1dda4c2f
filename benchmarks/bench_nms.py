"""Time `nms` against torchvision and against its reference in Python.

python benchmarks/bench_nms.py                          # ratios, beside the goals
pytest benchmarks/bench_nms.py --benchmark-only         # the same as pytest-benchmark groups
"""

from __future__ import annotations

from functools import partial

import pytest
import torch
import torchvision
from detection_boxes import (
    clustered_boxes,
    implementation,
    machine,
    random_boxes,
    random_scores,
)
from interleaved import Row, medians, print_rows

from core import ops

THRESHOLD = 0.5
WORK = {
    "25,200 random": (random_boxes, 25_200, 30.0),
    "100,000 random": (random_boxes, 100_000, 100.0),
    "5,000 clustered": (clustered_boxes, 5_000, 3.0),
    "25,200 clustered": (clustered_boxes, 25_200, 3.0),
}
MOST_FOR_PYTHON = 25_200
GROWTH = (1_000, 10_000, 100_000, 1_000_000)
MOST_GROWTH = 15.0


def in_python(boxes, scores):
    """Return what the reference keeps."""
    with ops.use("python"):
        return ops.nms(boxes, scores, THRESHOLD)


def main() -> None:
    rows, references = [], []
    for name, (make, count, goal) in WORK.items():
        boxes, scores = make(count), random_scores(count)
        ours, theirs = (
            partial(f, boxes, scores, THRESHOLD) for f in (ops.nms, torchvision.ops.nms)
        )
        assert torch.equal(ours(), theirs()), name
        times = medians({"ours": ours, "theirs": theirs})
        rows.append(Row(name, times["ours"], times["theirs"], "torchvision", goal))
        if count <= MOST_FOR_PYTHON:
            times = medians({"ours": ours, "python": partial(in_python, boxes, scores)}, rounds=3)
            references.append(Row(name, times["ours"], times["python"], "the Python reference"))
    print_rows(f"nms: {machine()}", rows + references)
    print_growth()


def print_growth() -> None:
    """Print how the time grows with the number of boxes, spread out alike."""
    calls = {}
    for count in GROWTH:
        boxes, scores = random_boxes(count), random_scores(count)
        boxes = boxes * (count / 25_200) ** 0.5  # as many neighbours whatever the count
        boxes[:, 2:] = boxes[:, :2] + random_boxes(count)[:, 2:] - random_boxes(count)[:, :2]
        calls[count] = partial(ops.nms, boxes, scores, THRESHOLD)
    times = medians({str(count): call for count, call in calls.items()}, rounds=5)
    print(f"\n  boxes        time       against a tenth of the boxes (goal <= {MOST_GROWTH:g})")
    for count in GROWTH:
        line = f"  {count:>9,} {times[str(count)] * 1e3:>9.2f} ms"
        if count > GROWTH[0]:
            growth = times[str(count)] / times[str(count // 10)]
            line += f"  {growth:.1f}x  {'met' if growth <= MOST_GROWTH else 'MISSED'}"
        print(line)


@pytest.mark.parametrize("name", WORK)
@pytest.mark.parametrize("who", ["native", "python", "torchvision"])
def test_nms(benchmark, name, who):
    make, count, _ = WORK[name]
    mode = implementation(who)
    if who == "python" and count > MOST_FOR_PYTHON:
        pytest.skip("takes minutes")
    boxes, scores = make(count), random_scores(count)
    benchmark.group = f"nms, {name} boxes"
    calls = {
        "native": lambda: ops.nms(boxes, scores, THRESHOLD),
        "python": lambda: ops.nms(boxes, scores, THRESHOLD),
        "torchvision": lambda: torchvision.ops.nms(boxes, scores, THRESHOLD),
    }
    with ops.use(mode):
        kept = benchmark.pedantic(calls[who], rounds=3 if count > 50_000 else 5, warmup_rounds=1)
    assert 0 < len(kept) <= count


if __name__ == "__main__":
    with ops.use("native"):
        main()
