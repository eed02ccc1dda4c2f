"""Flips, crops and rotations: by hand, and the same in every batch."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch

from nntasks.plugins.cnn_classify.batch_transforms import crop, flip, rotate

HALF, MOST = 2**31, 2**32 - 1


def pictures(count=6, channels=2, height=5, width=4):
    generator = torch.Generator().manual_seed(0)
    shape = (count, channels, height, width)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def words(*rows):
    return torch.tensor([[*row, 0, 0, 0, 0][:4] for row in rows], dtype=torch.int64)


def test_the_first_word_decides_the_flip():
    x = pictures(3)
    y = flip(x, words((0,), (HALF - 1,), (HALF,)))
    assert torch.equal(y[:2], x[:2].flip(-1))
    assert torch.equal(y[2], x[2])


class TestCrop:
    def test_the_middle_words_leave_the_picture(self):
        x = pictures(1)
        assert torch.equal(crop(x, words((HALF, HALF)), padding=4), x)

    def test_the_extreme_words_shift_as_far_as_the_padding(self):
        x = pictures(2)  # 5 x 4: an eighth of each side is one pixel, rounded up
        y = crop(x, words((0, 0), (MOST, MOST)), padding=8)
        assert torch.equal(y[0, :, 1:, 1:], x[0, :, :-1, :-1])
        assert not y[0, :, 0].any()
        assert not y[0, :, :, 0].any()
        assert torch.equal(y[1, :, :-1, :-1], x[1, :, 1:, 1:])

    def test_every_shift_has_its_share_of_the_words(self):
        x = torch.zeros(300, 1, 1, 7, dtype=torch.uint8)
        x[..., 3] = 255
        steps = (2 * torch.arange(300) + 1) * 2**32 // 600
        y = crop(x, torch.stack([torch.full_like(steps, HALF), *[steps] * 3], dim=1), padding=7)
        assert torch.bincount(y[:, 0, 0].argmax(dim=1)).tolist()[2:5] == [100, 100, 100]


class TestRotate:
    def test_no_turn_and_no_zoom_leave_the_picture(self):
        x = pictures(1)
        assert torch.equal(rotate(x, words((HALF, 0)), degrees=30, zoom=(1, 1)), x)

    def test_a_quarter_turn(self):
        x = pictures(2, height=5, width=5)
        y = rotate(x, words((0, 0), (HALF, 0)), degrees=90, zoom=(1, 1))
        assert torch.equal(y[0], x[0].rot90(-1, (-2, -1)))  # the word 0 turns clockwise
        assert torch.equal(y[1], x[1])

    def test_pixels_are_square_also_in_oblong_pictures(self):
        x = torch.zeros(1, 1, 9, 21, dtype=torch.uint8)
        x[0, 0, 4, 13] = 255  # three pixels to the right of the centre
        y = rotate(x, words((0, 0)), degrees=90, zoom=(1, 1))
        (place,) = torch.nonzero(y[0, 0] > 127).tolist()
        assert math.dist(place, (4, 10)) == 3
        assert place[1] == 10

    def test_zoom_enlarges(self):
        x = torch.zeros(1, 1, 8, 8, dtype=torch.uint8)
        x[..., 3:5, 3:5] = 255
        large, small = (
            rotate(x, words((HALF, 0)), degrees=0, zoom=(size, size)).sum() for size in (2, 0.5)
        )
        assert large > x.sum() > small


@pytest.mark.parametrize(
    "change",
    [flip, partial(crop, padding=4), partial(rotate, degrees=40, zoom=(0.7, 1.4))],
    ids=["flip", "crop", "rotate"],
)
def test_a_picture_s_result_does_not_depend_on_its_batch(change):
    x = pictures()
    rows = torch.randint(0, 2**32, (6, 4), generator=torch.Generator().manual_seed(1))
    together = change(x, rows)
    alone = [change(x[i : i + 1], rows[i : i + 1])[0] for i in range(6)]
    assert torch.equal(together, torch.stack(alone))
    assert together.dtype == torch.uint8
    assert not torch.equal(together, x)
