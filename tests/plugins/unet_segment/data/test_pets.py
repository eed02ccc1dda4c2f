"""The Oxford-IIIT Pet data set."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import MissingError
from nntasks.plugins.unet_segment.data.pets import Pets
from nntasks.plugins.unet_segment.samples import IGNORED
from nntasks.seeding import Seeds


class TestPets:
    def test_real_ones(self, real_data):
        splits = Pets(Pets.Config(), Seeds(0)).load(real_data / "pets")
        assert [len(p) for p in (splits.train, splits.validation, splits.test)] == [270, 30, 298]
        picture, mask = splits.test[0].read()
        assert picture.shape[:2] == mask.shape
        assert set(np.unique(mask)) == {0, 1, IGNORED}
        for border, labels in (("object", {0, 1}), ("background", {0, 1})):
            other = Pets(Pets.Config(border=border), Seeds(0)).load(real_data / "pets")
            found = other.test[0].read()[1]
            assert set(np.unique(found)) == labels
            where = mask == IGNORED
            assert (found[where] == (border == "object")).all()

    def test_absent_pictures_are_named(self, tmp_path):
        (tmp_path / "annotations").mkdir()
        for name in ("trainval", "test"):
            (tmp_path / "annotations" / f"{name}.txt").write_text("Bengal_1 6 1 2\n")
        with pytest.raises(MissingError, match=r"1 are absent, the first Bengal_1.jpg"):
            Pets(Pets.Config(), Seeds(0)).load(tmp_path)
