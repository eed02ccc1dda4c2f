"""`data=torchvision`: torchvision's own readers on tiny files of the published layouts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from nntasks.errors import MissingError, UsageError
from nntasks.plugins.classification.data.torchvision_layouts import LAYOUTS
from nntasks.runner import make_task

datasets = pytest.importorskip("torchvision.datasets")
COLOURS = ((200, 10, 10), (10, 200, 10), (10, 10, 200))


def picture(path, label):
    """Write a picture whose colour is that of its label."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (11 + label, 9), COLOURS[label]).save(path)


def lines(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row}\n" for row in rows))


def dtd(root):
    base = root / "dtd" / "dtd"
    for part, number in (("train", 0), ("val", 1), ("test", 2)):
        names = [f"{name}/{name}_{number}.jpg" for name in ("banded", "dotted")]
        lines(base / "labels" / f"{part}1.txt", *names)
        for label, name in enumerate(names):
            picture(base / "images" / name, label)
    return {"train": [0, 1], "validation": [0, 1], "test": [0, 1]}, ["banded", "dotted"]


def eurosat(root):
    for label, name in enumerate(("Forest", "River")):
        for number in range(10):
            picture(root / "eurosat" / "2750" / name / f"{name}_{number}.jpg", label)
    return {"train": [0, 1] * 7, "validation": [0, 1], "test": [0, 1] * 2}, ["Forest", "River"]


def fgvc_aircraft(root):
    data = root / "fgvc-aircraft-2013b" / "data"
    lines(data / "variants.txt", "707", "A320")
    for part, first in (("train", 0), ("val", 2), ("test", 4)):
        lines(data / f"images_variant_{part}.txt", f"{first} 707", f"{first + 1} A320")
        for label in range(2):
            picture(data / "images" / f"{first + label}.jpg", label)
    return {"train": [0, 1], "validation": [0, 1], "test": [0, 1]}, ["707", "A320"]


def food101(root):
    base = root / "food-101"
    for part in ("train", "test"):
        names = {name: [f"{name}/{part}{i}" for i in range(4)] for name in ("pizza", "ramen")}
        lines(base / "meta" / f"{part}.json", json.dumps(names))
        for label, files in enumerate(names.values()):
            for file in files:
                picture(base / "images" / f"{file}.jpg", label)
    return {"train": [0, 1] * 3, "validation": [0, 1], "test": [0, 1] * 4}, ["pizza", "ramen"]


def gtsrb(root):
    base = root / "gtsrb"
    for label in range(2):
        for number in range(4):
            picture(base / "GTSRB" / "Training" / f"{label:05d}" / f"{number}.ppm", label)
        picture(base / "GTSRB" / "Final_Test" / "Images" / f"{label}.ppm", label)
    lines(base / "GT-final_test.csv", "Filename;ClassId", "1.ppm;1", "0.ppm;0")
    return {"train": [0, 1] * 3, "validation": [0, 1], "test": [0, 1]}, ["0", "1"]


def imagenette(root):
    for label, name in enumerate(("n01440764", "n02102040")):
        for number in range(4):
            picture(root / "imagenette2-160" / "train" / name / f"{number}.jpeg", label)
        picture(root / "imagenette2-160" / "val" / name / "9.jpeg", label)
    names = ["tench", "English springer"]
    return {"train": [0, 1] * 3, "validation": [0, 1], "test": [0, 1]}, names


def oxford_pets(root):
    base = root / "oxford-iiit-pet"
    for part, count in (("trainval", 4), ("test", 1)):
        rows = []
        for label, breed in enumerate(("Abyssinian", "Bengal")):
            for number in range(count):
                rows.append(f"{breed}_{part}{number} {label + 1} 1 {label + 1}")
                picture(base / "images" / f"{breed}_{part}{number}.jpg", label)
        lines(base / "annotations" / f"{part}.txt", *rows)
    return {"train": [0, 1] * 3, "validation": [0, 1], "test": [0, 1]}, ["Abyssinian", "Bengal"]


def flowers102(root):
    from scipy.io import savemat

    base = root / "flowers-102"
    labels = [0, 1, 2] * 3
    for number, label in enumerate(labels, 1):
        picture(base / "jpg" / f"image_{number:05d}.jpg", label)
    savemat(base / "imagelabels.mat", {"labels": np.array(labels) + 1})
    parts = {"trnid": [1, 2, 3], "valid": [4, 5, 6], "tstid": [7, 8, 9]}
    savemat(base / "setid.mat", parts)
    return {part: [0, 1, 2] for part in ("train", "validation", "test")}, None


def stl10(root):
    base = root / "stl10_binary"
    for part, count in (("train", 4), ("test", 1)):
        labels = np.array([1, 2] * count, np.uint8)
        planes = np.array([COLOURS[label - 1] for label in labels], np.uint8)
        base.mkdir(exist_ok=True)
        np.repeat(planes, 96 * 96).tofile(base / f"{part}_X.bin")
        labels.tofile(base / f"{part}_y.bin")
    lines(base / "class_names.txt", "airplane", "bird")
    return {"train": [0, 1] * 3, "validation": [0, 1], "test": [0, 1]}, ["airplane", "bird"]


def svhn(root):
    from scipy.io import savemat

    for part, count in (("train", 4), ("test", 1)):
        labels = np.array([10, 1] * count, np.uint8)  # the digit 0 is stored as 10
        planes = np.array([COLOURS[label % 10] for label in labels], np.uint8)
        pictures = np.broadcast_to(planes.T[None, None], (32, 32, 3, len(labels)))
        savemat(root / f"{part}_32x32.mat", {"X": pictures, "y": labels[:, None]})
    return {"train": [0, 1] * 3, "validation": [0, 1], "test": [0, 1]}, ["0", "1"]


WRITERS = {
    writer.__name__: writer
    for writer in (
        dtd,
        eurosat,
        fgvc_aircraft,
        flowers102,
        food101,
        gtsrb,
        imagenette,
        oxford_pets,
        stl10,
        svhn,
    )
}


def task(name, root, **keys):
    given = {"data": "torchvision", "data.name": name, "data.root": root, "data.size": 8, **keys}
    return make_task("cnn_classify", [{key: str(value) for key, value in given.items()}])


@pytest.fixture
def unchecked(monkeypatch):
    """Let torchvision take files of other checksums than the published ones."""
    for kind in (datasets.Flowers102, datasets.STL10, datasets.SVHN):
        monkeypatch.setattr(kind, "_check_integrity", lambda self: True)


def test_every_name_is_tested():
    assert set(WRITERS) == set(LAYOUTS)


@pytest.mark.parametrize("name", WRITERS)
def test_pictures_labels_and_classes(tmp_path, unchecked, name):
    labels, classes = WRITERS[name](tmp_path)
    splits = task(name, tmp_path).load_data()
    for part, expected in labels.items():
        split = getattr(splits, part)
        batch = split.batch(range(len(split)))
        assert sorted(batch.targets) == sorted(expected)
        assert batch.inputs.shape == (len(expected), 8, 8, 3)
        brightest = batch.inputs.reshape(len(expected), -1, 3).mean(axis=1).argmax(axis=1)
        assert np.array_equal(brightest, batch.targets)
    if classes is not None:
        assert list(splits.info.classes) == classes
    assert len(splits.info.classes) >= 2


def test_grey_and_another_size(tmp_path):
    dtd(tmp_path)
    splits = task("dtd", tmp_path, **{"data.mode": "grey", "data.size": 12}).load_data()
    assert splits.info.input_shape == (12, 12, 1)


class TestRefusals:
    def test_no_root(self):
        given = [{"data": "torchvision", "data.name": "flowers102"}]
        with pytest.raises(UsageError, match=r"data\.root: .* flowers-102/jpg and .* got none"):
            make_task("cnn_classify", given).load_data()

    def test_a_root_that_is_no_folder(self, tmp_path):
        with pytest.raises(UsageError, match="nowhere, which is not a folder"):
            task("dtd", tmp_path / "nowhere").load_data()

    @pytest.mark.parametrize("name", WRITERS)
    def test_the_missing_file_is_named_with_its_archive(self, tmp_path, name):
        path, published = next(iter(LAYOUTS[name].files.items()))
        with pytest.raises(MissingError) as caught:
            task(name, tmp_path).load_data()
        assert f"{tmp_path / path} is missing; get {published} from " in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_file_of_another_checksum(self, tmp_path):
        flowers102(tmp_path)
        with pytest.raises(MissingError, match=r"does not accept the files .* corrupted; bring"):
            task("flowers102", tmp_path).load_data()

    def test_a_picture_that_is_none(self, tmp_path):
        dtd(tmp_path)
        (tmp_path / "dtd/dtd/images/dotted/dotted_0.jpg").write_bytes(b"no picture")
        with pytest.raises(MissingError, match="picture 1 of the train part cannot be read"):
            task("dtd", tmp_path).load_data()
