"""Time `im2col` and `col2im` against PyTorch's own, against NumPy, and against their references.

python benchmarks/bench_im2col.py                       # ratios, beside the goals
pytest benchmarks/bench_im2col.py --benchmark-only
"""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from measured import each, measure, print_cases
from torch.nn.functional import fold, unfold

from nntasks import ops
from nntasks.kernel_checks.inputs import Calls, Case

COPY = "NumPy's strided copy"


def strided_copy(padded: np.ndarray) -> np.ndarray:
    """Return all 3 x 3 windows as columns; padding, which is not timed, has been done."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    taken = np.ascontiguousarray(windows.transpose(0, 1, 4, 5, 2, 3))
    return taken.reshape(len(padded), padded.shape[1] * 9, -1)


def columns_of(batch: int, channels: int, side: int) -> Calls:
    x = torch.rand(batch, channels, side, side)
    padded = np.pad(x.numpy(), ((0, 0), (0, 0), (1, 1), (1, 1)))
    return {
        "ours": partial(ops.im2col, x, 3, 1, 1),
        "F.unfold": partial(unfold, x, 3, padding=1),
        COPY: partial(strided_copy, padded),
    }


def pictures_of(batch: int, channels: int, side: int) -> Calls:
    columns = torch.rand(batch, channels * 9, side * side)
    return {
        "ours": partial(ops.col2im, columns, side, 3, 1, 1),
        "F.fold": partial(fold, columns, side, 3, padding=1),
    }


CASES = (
    Case(
        "im2col",
        "32 x 64 x 56 x 56, 3 x 3",
        partial(columns_of, 32, 64, 56),
        ("F.unfold", COPY),
        {"F.unfold": 3.5, COPY: 1.0},
    ),
    Case("im2col", "1 x 64 x 56 x 56, 3 x 3", partial(columns_of, 1, 64, 56), ("F.unfold", COPY)),
    Case("col2im", "32 x 64 x 56 x 56, 3 x 3", partial(pictures_of, 32, 64, 56), ("F.fold",)),
)


@each(CASES)
def test_im2col(benchmark, case, who):
    found = torch.as_tensor(measure(benchmark, case, who))
    assert found.dim() == (4 if case.op == "col2im" else 3)


if __name__ == "__main__":
    print_cases(CASES)
