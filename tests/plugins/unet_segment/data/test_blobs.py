"""Generated scenes of cells."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.unet_segment.data.blobs import Blobs, paint
from nntasks.seeding import Seeds


class TestBlobs:
    def test_scenes_are_a_function_of_seed_part_and_index(self):
        options = Blobs.Config(size=48)
        one, again = (paint(Seeds(3), "test", 5, options) for _ in range(2))
        assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
        assert not np.array_equal(one[0], paint(Seeds(3), "test", 6, options)[0])
        assert (one[0].shape, one[1].shape) == ((48, 48, 3), (48, 48))

    def test_some_are_empty_and_masks_are_of_the_middle(self):
        options = Blobs.Config(size=32, empty=0.5)
        shares = [paint(Seeds(0), "train", i, options)[1].mean() for i in range(60)]
        assert 15 < sum(share == 0 for share in shares) < 45
        assert 0.05 < np.mean(shares) < 0.5
