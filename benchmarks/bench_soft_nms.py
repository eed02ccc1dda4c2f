"""Time `soft_nms` against its reference in Python; no common library has this op.

python benchmarks/bench_soft_nms.py
pytest benchmarks/bench_soft_nms.py --benchmark-only
"""

from __future__ import annotations

from functools import partial

import torch
from measured import each, measure, print_cases

from nntasks import ops
from nntasks.kernel_checks.inputs import Calls, Case, clustered_boxes, random_boxes, random_scores


def prepared(make, count: int, method: str) -> Calls:
    return {"ours": partial(ops.soft_nms, make(count), random_scores(count), method=method)}


CASES = tuple(
    Case("soft_nms", f"{count:,} {name} boxes, {method}", partial(prepared, make, count, method))
    for name, make, count in (
        ("random", random_boxes, 2000),
        ("clustered", clustered_boxes, 5000),
    )
    for method in ("gaussian", "linear")
)


@each(CASES)
def test_soft_nms(benchmark, case, who):
    found = measure(benchmark, case, who)
    assert all(map(torch.equal, found, case.calls()["ours"]()))


if __name__ == "__main__":
    print_cases(CASES)
