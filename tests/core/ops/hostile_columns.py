"""Hostile calls of `im2col` and `col2im`."""

from __future__ import annotations

import torch
from hostile_input import FUZZ, ODD_INTS, both, odd_tensors, strided
from hypothesis import given
from hypothesis import strategies as st

SHAPES = (
    (),
    (3,),
    (0, 4),
    (2, 3, 4),
    (2, 3, 4, 5),
    (0, 3, 4, 5),
    (2, 0, 4, 5),
    (2, 3, 0, 5),
    (2, 3, 4, 0),
    (1, 1, 1, 1),
    (1, 2, 3, 4, 5),
)
COLUMNS = ((2, 12, 12), (2, 12, 0), (0, 12, 12), (2, 0, 12), (2, 12, 6), (2, 11, 12), (12, 12), ())
PLAIN = ([2, 2], [1, 1], [0, 0], [1, 1])  # kernel, stride, padding, dilation


def are_columns(result, x, *_):
    return x.dim() == 4 and result.dim() == 3 and result.dtype == x.dtype


def is_picture(result, columns, size, *_):
    return columns.dim() == 3 and result.shape[2:] == tuple(size) and result.dtype == columns.dtype


def odd_windows(chosen):
    """Return a window with one or two odd numbers in it, or an odd number of numbers."""
    window = [list(pair) for pair in PLAIN]
    for _ in range(chosen.randint(1, 2)):
        window[chosen.randrange(4)][chosen.randrange(2)] = chosen.choice((0, 1, 2, 3, *ODD_INTS))
    if chosen.random() < 0.1:
        window[chosen.randrange(4)] = chosen.choice(([], [1], [1, 1, 1]))
    return window


def sweep(done, generator, chosen):
    """Combine odd tensors and odd windows."""
    for x in (t for shape in SHAPES for t in odd_tensors(shape, generator)):
        done.call(are_columns, "im2col", x, *PLAIN)
        for _ in range(12):
            done.call(are_columns, "im2col", x, *odd_windows(chosen))
    sizes = ([4, 5], [3, 7], [4, 4], [0, 5], [5], [], [-1, 5], [2**31, 2**31], [2**63 - 1, 2])
    for columns in (t for shape in COLUMNS for t in odd_tensors(shape, generator)):
        done.call(is_picture, "col2im", columns, [4, 5], *PLAIN)
        for _ in range(8):
            done.call(is_picture, "col2im", columns, chosen.choice(sizes), *PLAIN)
            done.call(is_picture, "col2im", columns, [4, 5], *odd_windows(chosen))


SIDE = st.sampled_from((1, 2, 3, 5, 9, 0))
SMALL = st.lists(st.sampled_from((1, 2, 3)), min_size=2, max_size=2)
PADDING = st.lists(st.sampled_from((0, 1, 2, 4)), min_size=2, max_size=2)
ANY = (torch.float32, torch.float64, torch.float16, torch.int64, torch.complex64, torch.bool)


@FUZZ
@given(
    strided(st.sampled_from((1, 2, 0)), st.sampled_from((1, 3, 0)), SIDE, SIDE, dtypes=ANY),
    SMALL,
    SMALL,
    PADDING,
    SMALL,
    st.integers(0, 2**31),
)
def agree(x, kernel, stride, padding, dilation, start):
    """Hold both implementations against each other, and against taking windows apart."""
    window = (kernel, stride, padding, dilation)
    both("im2col", x, *window)
    columns = torch.rand(2, 3 * kernel[0] * kernel[1], start % 30)
    both("col2im", columns, list(x.shape[2:]), *window)
    if x.dtype.is_floating_point and x.numel():
        taken = torch.nn.functional.pad(x, (padding[1],) * 2 + (padding[0],) * 2)
        counts = [
            (side - gap * (extent - 1) - 1) // step + 1
            for side, extent, step, gap in zip(
                taken.shape[2:], kernel, stride, dilation, strict=True
            )
        ]
        if min(counts) > 0:
            shape = (*x.shape[:1], x.shape[1] * kernel[0] * kernel[1], counts[0] * counts[1])
            found = torch.ops.nntasks.im2col(x, *window)
            assert found.shape == shape
            folded = torch.rand(shape).to(x.dtype)
            both("col2im", folded, list(x.shape[2:]), *window)
