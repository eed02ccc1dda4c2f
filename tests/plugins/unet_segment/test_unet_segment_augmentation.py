"""Pictures and masks are augmented together, by epoch and index alone."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.unet_segment.augmentation import changes
from nntasks.plugins.unet_segment.config import PRESETS
from nntasks.plugins.unet_segment.data.blobs import Blobs, paint
from nntasks.plugins.unet_segment.samples import IGNORED, Sample
from nntasks.plugins.unet_segment.splits import MaskedPictures
from nntasks.seeding import Seeds
from nntasks.testing import check_split


class TestSamples:
    def split(self, names=(), count=6):
        samples = [
            Sample(f"s{i}", lambda i=i: paint(Seeds(0), "train", i, Blobs.Config(size=32)))
            for i in range(count)
        ]
        return MaskedPictures(samples, None, changes(names, 32, 32), Seeds(0))

    @pytest.mark.parametrize("name", PRESETS)
    def test_presets_are_functions_of_epoch_and_index(self, name):
        split = self.split((name,))
        whole = split.batch(range(6), epoch=2)
        assert (whole.inputs.shape, whole.targets.shape) == ((6, 32, 32, 3), (6, 32, 32))
        assert set(np.unique(whole.targets)) <= {0, 1, IGNORED}
        again = split.batch([4], epoch=2)
        assert np.array_equal(again.inputs[0], whole.inputs[4])
        assert np.array_equal(again.targets[0], whole.targets[4])
        assert not np.array_equal(split.batch(range(6), epoch=3).inputs, whole.inputs)
        check_split(split)

    def test_pictures_and_masks_move_together(self):
        blocks = np.random.default_rng(0).integers(0, 2, (4, 4), dtype=np.uint8)
        base = np.kron(blocks, np.ones((8, 8), np.uint8))
        sample = Sample("x", lambda: (np.repeat(base[..., None] * 255, 3, axis=2), base))
        for names in (("flip",), ("flip", "crop"), ("elastic",), ("rotate",)):
            split = MaskedPictures([sample], None, changes(names, 32, 32), Seeds(0))
            for epoch in range(4):
                batch = split.batch([0], epoch=epoch)
                bright, mask = batch.inputs[0, ..., 0], batch.targets[0]
                sure = ((bright < 20) | (bright > 235)) & (mask != IGNORED)
                assert sure.mean() > 0.02
                assert ((bright[sure] > 127) == (mask[sure] == 1)).mean() > 0.95
