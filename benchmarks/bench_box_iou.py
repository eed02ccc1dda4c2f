"""Time `box_iou` against torchvision, against its reference, and against filling the output.

python benchmarks/bench_box_iou.py                      # ratios, beside the goals
pytest benchmarks/bench_box_iou.py --benchmark-only
"""

from __future__ import annotations

from functools import partial

import pytest
import torch
import torchvision
from detection_boxes import implementation, machine, random_boxes
from interleaved import Row, medians, print_rows

from core import ops

PEERS = {
    "iou": torchvision.ops.box_iou,
    "giou": torchvision.ops.generalized_box_iou,
    "diou": torchvision.ops.distance_box_iou,
    "ciou": torchvision.ops.complete_box_iou,
}
SIZES = (8192, 1024)


def in_python(a, b, kind):
    """Return what the reference gives."""
    with ops.use("python"):
        return ops.box_iou(a, b, kind)


def main() -> None:
    rows = []
    for size in SIZES:
        a, b = random_boxes(size, 0), random_boxes(size, 1)
        for kind, peer in PEERS.items():
            if size == SIZES[0] and kind != "iou":
                continue  # the peers need tens of gigabytes
            calls = {
                "ours": partial(ops.box_iou, a, b, kind),
                "theirs": partial(peer, a, b),
                "python": partial(in_python, a, b, kind),
                "fill": lambda: torch.full((size, size), 0.5),  # noqa: B023 - called in this turn
            }
            assert torch.allclose(calls["ours"](), calls["theirs"](), atol=1e-4)
            times = medians(calls)
            goal = 10.0 if size == SIZES[0] else None
            work = f"{size} x {size}, {kind}"
            rows.append(Row(work, times["ours"], times["theirs"], "torchvision", goal))
            rows.append(Row(work, times["ours"], times["python"], "the Python reference"))
            if kind == "iou":
                goal = 1 / 1.5 if size == SIZES[0] else None
                rows.append(Row(work, times["ours"], times["fill"], "filling the output", goal))
    print_rows(f"box_iou: {machine()}", rows)


@pytest.mark.parametrize("kind", PEERS)
@pytest.mark.parametrize("who", ["native", "python", "torchvision"])
def test_box_iou(benchmark, kind, who):
    mode = implementation(who)
    a, b = random_boxes(1024, 0), random_boxes(1024, 1)
    benchmark.group = f"box_iou, 1024 x 1024, {kind}"
    calls = {
        "native": lambda: ops.box_iou(a, b, kind),
        "python": lambda: ops.box_iou(a, b, kind),
        "torchvision": lambda: PEERS[kind](a, b),
    }
    with ops.use(mode):
        result = benchmark.pedantic(calls[who], rounds=5, warmup_rounds=1)
    assert result.shape == (1024, 1024)


if __name__ == "__main__":
    with ops.use("native"):
        main()
