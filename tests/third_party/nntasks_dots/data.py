"""Pictures of one dot each, made from a seed."""

import numpy as np
from pydantic import Field

from nntasks import DataInfo, Dataset, Options, Splits
from nntasks.plugins.classification.splits import LabelledPictures

SIDE = 12
QUARTERS = ("upper left", "upper right", "lower left", "lower right")


class Dots(Dataset):
    """A dot of one pixel; its quarter is the class."""

    class Config(Options):
        count: int = Field(240, ge=8, description="training pictures")

    def load(self, root):
        parts = [
            self._part(name, self.options.count // size)
            for name, size in (("train", 1), ("validation", 4), ("test", 4))
        ]
        return Splits(*parts, DataInfo(QUARTERS, (SIDE, SIDE, 1)))

    def _part(self, name, count):
        rng = self.seeds.numpy(f"dots {name}")
        pictures = rng.integers(0, 60, (count, SIDE, SIDE, 1), dtype=np.uint8)
        y, x = rng.integers(0, SIDE, (2, count))
        pictures[np.arange(count), y, x] = 255
        return LabelledPictures(pictures, 2 * (y >= SIDE // 2) + (x >= SIDE // 2))
