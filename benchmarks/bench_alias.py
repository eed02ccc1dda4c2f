"""Time `AliasTable` against torch.multinomial, NumPy's choice, and its reference in Python.

python benchmarks/bench_alias.py                        # ratios, beside the goals
pytest benchmarks/bench_alias.py --benchmark-only
"""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from measured import each, measure, print_cases

from nntasks import ops
from nntasks.kernel_checks.inputs import Calls, Case, word_weights

WORDS = 71_290  # of text8
DRAWS = 1_000_000
PEERS = ("torch.multinomial", "numpy.random.choice")


def draws() -> Calls:
    weights = word_weights(WORDS)
    likely = (weights / weights.sum()).numpy()
    generator = np.random.default_rng(1)
    return {
        "ours": partial(ops.AliasTable(weights).draw, DRAWS, 1),
        "torch.multinomial": partial(torch.multinomial, weights, DRAWS, replacement=True),
        "numpy.random.choice": partial(generator.choice, WORDS, DRAWS, p=likely),
    }


def built(count: int) -> Calls:
    weights = word_weights(count)
    return {"ours": lambda: ops.AliasTable(weights).table}


CASES = (
    Case("AliasTable.draw", f"{DRAWS:,} of {WORDS:,}", draws, PEERS, {"torch.multinomial": 20.0}),
    Case("AliasTable", f"of {WORDS:,} weights", partial(built, WORDS)),
    Case("AliasTable", "of 16,777,217 weights", partial(built, 2**24 + 1), with_python=False),
)


@each(CASES)
def test_alias(benchmark, case, who):
    found = measure(benchmark, case, who)
    assert int(found.max()) >= 1000


if __name__ == "__main__":
    print_cases(CASES)
