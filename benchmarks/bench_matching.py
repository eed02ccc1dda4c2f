"""Time `match_greedily` against its reference; the whole of mAP is in bench_map.py.

python benchmarks/bench_matching.py
pytest benchmarks/bench_matching.py --benchmark-only
"""

from __future__ import annotations

from functools import partial

import torch
from measured import each, measure, print_cases

from nntasks import ops
from nntasks.kernel_checks.inputs import Calls, Case, matching


def prepared(groups: int) -> Calls:
    return {"ours": partial(ops.match_greedily, *matching(groups))}


CASES = tuple(
    Case(
        "match_greedily",
        f"{4 * groups:,} detections, 4 areas, 10 levels",
        partial(prepared, groups),
    )
    for groups in (500, 50_000)
)


@each(CASES)
def test_matching(benchmark, case, who):
    assert torch.equal(measure(benchmark, case, who), case.calls()["ours"]())


if __name__ == "__main__":
    print_cases(CASES)
