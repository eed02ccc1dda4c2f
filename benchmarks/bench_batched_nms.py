"""Time `batched_nms` against torchvision and against its reference in Python.

python benchmarks/bench_batched_nms.py                  # ratios, beside the goals
pytest benchmarks/bench_batched_nms.py --benchmark-only
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
    "25,200 random, 80 classes": (random_boxes, 25_200, 80, 8.0),
    "25,200 clustered, 80 classes": (clustered_boxes, 25_200, 80, 8.0),
    "4,000 clustered, 80 classes": (clustered_boxes, 4_000, 80, None),
}


def prepared(name):
    """Return boxes, scores and groups of a piece of work."""
    make, count, classes, _ = WORK[name]
    generator = torch.Generator().manual_seed(2)
    groups = torch.randint(0, classes, (count,), generator=generator)
    return make(count), random_scores(count), groups


def in_python(*arguments):
    """Return what the reference keeps."""
    with ops.use("python"):
        return ops.batched_nms(*arguments, THRESHOLD)


def main() -> None:
    rows = []
    for name, (*_, goal) in WORK.items():
        data = prepared(name)
        ours = partial(ops.batched_nms, *data, THRESHOLD)
        theirs = partial(torchvision.ops.batched_nms, *data, THRESHOLD)
        times = medians({"ours": ours, "theirs": theirs, "python": partial(in_python, *data)})
        rows.append(Row(name, times["ours"], times["theirs"], "torchvision", goal))
        rows.append(Row(name, times["ours"], times["python"], "the Python reference"))
    print_rows(f"batched_nms: {machine()}", rows)


@pytest.mark.parametrize("name", WORK)
@pytest.mark.parametrize("who", ["native", "python", "torchvision"])
def test_batched_nms(benchmark, name, who):
    mode, data = implementation(who), prepared(name)
    benchmark.group = f"batched_nms, {name}"
    calls = {
        "native": lambda: ops.batched_nms(*data, THRESHOLD),
        "python": lambda: ops.batched_nms(*data, THRESHOLD),
        "torchvision": lambda: torchvision.ops.batched_nms(*data, THRESHOLD),
    }
    with ops.use(mode):
        kept = benchmark.pedantic(calls[who], rounds=5, warmup_rounds=1)
    assert 0 < len(kept) <= len(data[0])


if __name__ == "__main__":
    with ops.use("native"):
        main()
