"""scikit-learn's handwritten digits, which need no download."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nntasks.interfaces import Dataset, Splits
from nntasks.pictures.digits import handwritten_digits
from nntasks.plugins.classification.data.options import AllPartOptions, cut_into_parts
from nntasks.plugins.classification.splits import LabelledPictures


class Digits(Dataset):
    """1,797 digits of 8 x 8 pixels with 17 grey levels, scaled to 0 to 255."""

    Config = AllPartOptions
    source = (
        "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI repository, 1998 "
        "(its test part, as scikit-learn has it)"
    )
    licence = "CC BY 4.0"

    def load(self, root: Path | None) -> Splits:
        scans, labels = handwritten_digits()
        pictures = np.rint(scans * (255 / 16)).astype(np.uint8)[..., None]
        whole = LabelledPictures(pictures, labels)
        return cut_into_parts(whole, self.options, [str(digit) for digit in range(10)])
