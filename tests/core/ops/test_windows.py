"""Windows over a picture: how many fit, and which pixels a tap of theirs sees."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch.nn.functional import unfold

from nntasks.ops._windows import Window, checked_pair, places, tap

SETTINGS = [
    (3, 1, 1, 1),
    ((2, 3), (2, 1), (0, 2), (1, 2)),
    (1, 3, 0, 1),
    ((3, 1), 2, (1, 0), 2),
    (5, 4, 3, 1),
]


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("size", [(7, 9), (5, 5), (11, 6)])
def test_as_many_windows_as_torch_unfolds(setting, size):
    window = Window.checked("im2col", *setting)
    kernel, stride, padding, dilation = setting
    columns = unfold(torch.zeros(1, 1, *size), kernel, dilation, padding, stride)
    down, across = window.check_fits("im2col", size)
    assert columns.shape[-1] == down * across


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("size", [(7, 9), (6, 5)])
def test_a_tap_meets_the_pixels_that_a_loop_finds(setting, size):
    window = Window.checked("im2col", *setting)
    _, strides, paddings, dilations = window
    counts = window.counts(size)
    for number, place in places(window):
        windows, pixels = tap(window, size, place)
        seen = (range(count)[one] for count, one in zip(counts, windows, strict=True))
        read = (range(side)[one] for side, one in zip(size, pixels, strict=True))
        found = set(zip(itertools.product(*seen), itertools.product(*read), strict=True))
        expected = set()
        for at in itertools.product(*map(range, counts)):
            pixel = tuple(
                one * stride + where * dilation - padding
                for one, stride, where, dilation, padding in zip(
                    at, strides, place, dilations, paddings, strict=True
                )
            )
            if all(0 <= one < side for one, side in zip(pixel, size, strict=True)):
                expected.add((at, pixel))
        assert found == expected
        assert number == place[0] * window[0][1] + place[1]


def test_a_tap_that_never_meets_the_picture_has_no_pixels():
    window = Window.checked("im2col", (3, 1), 1, (5, 0), (5, 1))
    windows, pixels = tap(window, (1, 1), (0, 0))
    assert len(range(9)[windows[0]]) == len(range(1)[pixels[0]])


def test_no_window_fits():
    window = Window.checked("im2col", 3, 1, 0, (2, 1))
    with pytest.raises(ValueError) as told:  # noqa: PT011 - the whole line is compared
        window.check_fits("im2col", (4, 9))
    assert str(told.value) == (
        "im2col: no window of 3 x 3 with dilation 2, 1 fits a picture of 4 x 9 with padding 0, 0"
    )


@pytest.mark.parametrize(("value", "pair"), [(3, [3, 3]), ((1, 2), [1, 2]), ([4, 5], [4, 5])])
def test_one_number_stands_for_both(value, pair):
    assert checked_pair("im2col", "stride", value, 1) == pair


@pytest.mark.parametrize(
    ("value", "error", "told"),
    [
        ((1, 2, 3), ValueError, "im2col: stride must be one int or two, got 3"),
        ((), ValueError, "im2col: stride must be one int or two, got 0"),
        (0, ValueError, "im2col: stride must be from 1 to 2147483647, got 0"),
        ((1, 0), ValueError, "im2col: stride must be from 1 to"),
        (1.5, TypeError, "im2col: stride must be an int, got float"),
        ((1, "2"), TypeError, "im2col: stride must be an int, got str"),
    ],
)
def test_what_is_no_pair(value, error, told):
    with pytest.raises(error, match=told):
        checked_pair("im2col", "stride", value, 1)
