"""The data sets of torchvision that `data=torchvision` reads: their parts and their files.

Those whose files are pickles, such as CIFAR-100, are left out: no run unpickles data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Name = Literal[
    "dtd",
    "eurosat",
    "fgvc_aircraft",
    "flowers102",
    "food101",
    "gtsrb",
    "imagenette",
    "oxford_pets",
    "stl10",
    "svhn",
]
Part = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Layout:
    """One data set of torchvision.

    Attributes:
        kind: its class in `torchvision.datasets`.
        parts: the arguments of that class for each part; "train" alone if the data set has no
            parts.
        files: paths below the root, each with the published archive or file that it comes from.
        source: where that is published.
    """

    kind: str
    parts: Mapping[Part, Mapping[str, Any]]
    files: Mapping[str, str]
    source: str


def _splits(**names: str) -> dict[Part, dict[str, str]]:
    parts: dict[str, Part] = {"train": "train", "val": "validation", "test": "test"}
    return {parts[part]: {"split": name} for part, name in names.items()}


_ALL_THREE = _splits(train="train", val="val", test="test")
_TWO = _splits(train="train", test="test")

LAYOUTS: dict[Name, Layout] = {
    "dtd": Layout(
        "DTD",
        _ALL_THREE,
        {"dtd/dtd/images": "dtd-r1.0.1.tar.gz", "dtd/dtd/labels": "dtd-r1.0.1.tar.gz"},
        "https://www.robots.ox.ac.uk/~vgg/data/dtd/",
    ),
    "eurosat": Layout(
        "EuroSAT",
        {"train": {}},
        {"eurosat/2750": "EuroSAT.zip"},
        "https://github.com/phelber/EuroSAT",
    ),
    "fgvc_aircraft": Layout(
        "FGVCAircraft",
        _ALL_THREE,
        {"fgvc-aircraft-2013b/data": "fgvc-aircraft-2013b.tar.gz"},
        "https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/",
    ),
    "flowers102": Layout(
        "Flowers102",
        _ALL_THREE,
        {
            "flowers-102/jpg": "102flowers.tgz",
            "flowers-102/imagelabels.mat": "imagelabels.mat",
            "flowers-102/setid.mat": "setid.mat",
        },
        "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/",
    ),
    "food101": Layout(
        "Food101",
        _TWO,
        {"food-101/images": "food-101.tar.gz", "food-101/meta": "food-101.tar.gz"},
        "https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/",
    ),
    "gtsrb": Layout(
        "GTSRB",
        _TWO,
        {
            "gtsrb/GTSRB/Training": "GTSRB-Training_fixed.zip",
            "gtsrb/GTSRB/Final_Test/Images": "GTSRB_Final_Test_Images.zip",
            "gtsrb/GT-final_test.csv": "GTSRB_Final_Test_GT.zip",
        },
        "https://benchmark.ini.rub.de/gtsrb_dataset.html",
    ),
    "imagenette": Layout(
        "Imagenette",
        {
            "train": {"split": "train", "size": "160px"},
            "test": {"split": "val", "size": "160px"},
        },
        {
            "imagenette2-160/train": "imagenette2-160.tgz",
            "imagenette2-160/val": "imagenette2-160.tgz",
        },
        "https://github.com/fastai/imagenette",
    ),
    "oxford_pets": Layout(
        "OxfordIIITPet",
        _splits(train="trainval", test="test"),
        {
            "oxford-iiit-pet/images": "images.tar.gz",
            "oxford-iiit-pet/annotations": "annotations.tar.gz",
        },
        "https://www.robots.ox.ac.uk/~vgg/data/pets/",
    ),
    "stl10": Layout(
        "STL10",
        _TWO,
        {
            f"stl10_binary/{name}": "stl10_binary.tar.gz"
            for name in ("train_X.bin", "train_y.bin", "test_X.bin", "test_y.bin")
        },
        "https://cs.stanford.edu/~acoates/stl10/",
    ),
    "svhn": Layout(
        "SVHN",
        _TWO,
        {f"{part}_32x32.mat": f"{part}_32x32.mat" for part in ("train", "test")},
        "http://ufldl.stanford.edu/housenumbers/",
    ),
}
