"""Tiles: what looks no further than the overlap is the same as whole."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.unet_segment.tiling import part_of_tile, tiled


class TestTiles:
    @pytest.mark.parametrize(("height", "width"), [(50, 70), (64, 64), (5, 9)])
    def test_what_looks_no_further_than_the_overlap_is_the_same_as_whole(self, height, width):
        from scipy import ndimage

        picture = np.random.default_rng(0).random((height, width, 1))

        def mean(part):
            return ndimage.uniform_filter(part[..., 0], 5, mode="reflect").astype(np.float32)

        found = tiled(picture, mean, tile=16, overlap=4)
        assert np.allclose(found, mean(picture), atol=1e-6)

    def test_the_part_of_a_tile_is_what_it_was_decided_by(self):
        picture = np.random.default_rng(0).random((50, 70, 1))
        parts = []
        tiled(picture, lambda part: parts.append(part) or part[..., 0], tile=16, overlap=4)
        for x, y in ((0, 0), (20, 33), (69, 49)):
            part, left, top = part_of_tile(picture, (x, y), 16, 4)
            assert np.array_equal(part, parts[y // 16 * 5 + x // 16])
            assert part[y - top, x - left] == picture[y, x]
