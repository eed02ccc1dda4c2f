"""Arrays as samples: grey and colour, bytes and floats, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.samples import samples_of

MASKS = np.array([[[0, 1], [255, 0]], [[1, 1], [0, 0]]])


def test_grey_pictures_get_three_equal_channels():
    pictures = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    for given in (pictures, pictures[..., None]):
        samples, shape = samples_of(given, MASKS)
        assert shape == (2, 2, 3)
        assert [sample.name for sample in samples] == ["0", "1"]
        picture, mask = samples[1].read()
        assert picture.dtype == mask.dtype == np.uint8
        np.testing.assert_array_equal(picture, np.repeat(pictures[1][..., None], 3, axis=2))
        np.testing.assert_array_equal(mask, MASKS[1])


def test_floats_in_0_to_1_become_bytes():
    pictures = np.zeros((2, 2, 2, 3))
    pictures[0, 0, 0] = (0, 0.2, 1)
    samples, _ = samples_of(pictures, MASKS)
    assert samples[0].read()[0][0, 0].tolist() == [0, 51, 255]


def test_masks_may_be_true_and_false():
    samples, _ = samples_of(np.zeros((2, 2, 2), np.uint8), MASKS == 1)
    assert samples[0].read()[1].tolist() == [[0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("pictures", "masks", "said"),
    [
        ((2, 2), (2, 2), r"expected pictures \(N, H, W\) or \(N, H, W, 3\), got \(2, 2\)"),
        ((2, 2, 2, 4), (2, 2, 2), r"or \(N, H, W, 3\), got \(2, 2, 2, 4\)"),
        ((2, 2, 2), (2, 2, 3), r"expected masks \(2, 2, 2\), got \(2, 2, 3\)"),
        ((2, 2, 2, 3), (1, 2, 2), r"expected masks \(2, 2, 2\), got \(1, 2, 2\)"),
    ],
)
def test_other_shapes_are_refused(pictures, masks, said):
    with pytest.raises(UsageError, match=said):
        samples_of(np.zeros(pictures, np.uint8), np.zeros(masks, np.uint8))


@pytest.mark.parametrize("value", [2, 254, -1, 0.5])
def test_other_numbers_in_masks_are_refused(value):
    masks = MASKS.astype(type(value))
    masks[1, 0, 1] = value
    with pytest.raises(UsageError, match=rf"and 255 \(not counted\), got {value}$"):
        samples_of(np.zeros((2, 2, 2), np.uint8), masks)
