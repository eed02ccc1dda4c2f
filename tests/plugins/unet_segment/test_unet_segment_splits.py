"""A split of pictures and masks: sizes, what is kept, and how both are scaled."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment import splits
from nntasks.plugins.unet_segment.samples import Sample
from nntasks.plugins.unet_segment.splits import MaskedPictures, fit
from nntasks.seeding import Seeds


class Reader:
    """A sample's reader that counts its calls."""

    def __init__(self, height=8, value=0):
        self.height, self.value, self.calls = height, value, 0

    def __call__(self):
        self.calls += 1
        picture = np.full((self.height, 8, 3), self.value, np.uint8)
        return picture, picture[..., 0] // 200


def split_of(*readers, size=None, change=None, seed=0):
    samples = [Sample(name, reader) for name, reader in zip("abc", readers, strict=False)]
    return MaskedPictures(samples, size, change, Seeds(seed))


def test_a_batch_has_the_pictures_in_the_order_asked_for():
    split = split_of(Reader(value=10), Reader(value=250))
    batch = split.batch([1, 0, 1])
    assert batch.ids == ["b", "a", "b"]
    assert batch.inputs[:, 0, 0, 0].tolist() == [250, 10, 250]
    assert batch.targets[:, 0, 0].tolist() == [1, 0, 1]
    assert (len(split), split.names) == (2, ["a", "b"])


def test_sizes_that_differ_are_named_unless_they_are_scaled():
    readers = (Reader(), Reader(height=9))
    with pytest.raises(UsageError, match=r"b has 8 x 9 pixels, but a has 8 x 8; scale all with"):
        split_of(*readers).batch([0, 1])
    assert split_of(*readers, size=(4, 6)).batch([0, 1]).inputs.shape == (2, 4, 6, 3)


def test_pictures_are_read_once_while_there_is_room(monkeypatch):
    readers = (Reader(), Reader())
    monkeypatch.setattr(splits, "_MOST_KEPT", 8 * 8 * 4 + 1)  # a picture and its mask
    split = split_of(*readers)
    for _ in range(3):
        split.batch([0, 1])
    assert [reader.calls for reader in readers] == [1, 3]


def test_changes_depend_on_seed_epoch_and_index_alone():
    def noise(picture, mask):
        assert (picture.shape, mask.shape) == ((3, 8, 8), (8, 8))
        return torch.randint(0, 256, picture.shape, dtype=torch.uint8), mask

    split = split_of(Reader(), Reader(), change=noise)
    both, again = split.batch([0, 1], epoch=1), split.batch([1], epoch=1)
    np.testing.assert_array_equal(again.inputs[0], both.inputs[1])
    assert not np.array_equal(both.inputs[0], both.inputs[1])
    assert not np.array_equal(split.batch([0], epoch=2).inputs[0], both.inputs[0])
    other = split_of(Reader(), Reader(), change=noise, seed=1)
    assert not np.array_equal(other.batch([0], epoch=1).inputs[0], both.inputs[0])


def test_without_an_epoch_nothing_changes():
    def fail(picture, mask):
        raise AssertionError

    assert split_of(Reader(value=7), change=fail).batch([0]).inputs.max() == 7


def test_masks_are_scaled_to_the_nearest_label_and_pictures_smoothly():
    mask = np.zeros((4, 4), np.uint8)
    mask[:, 2:] = 255
    picture = np.repeat(mask[..., None], 3, axis=2)
    scaled, labels = fit(picture, mask, (8, 10))
    assert scaled.shape == (8, 10, 3)
    assert labels.shape == (8, 10)
    assert set(np.unique(labels)) == {0, 255}
    assert len(np.unique(scaled)) > 2


def test_what_fits_already_is_copied():
    picture, mask = np.zeros((4, 6, 3), np.uint8), np.zeros((4, 6), np.uint8)
    for size in (None, (4, 6)):
        one, other = fit(picture, mask, size)
        one[:], other[:] = 1, 1
        assert not picture.any()
        assert not mask.any()
