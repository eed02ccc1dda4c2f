"""MNIST in every form in which people have it, and digits that are offered as clothes."""

from __future__ import annotations

import gzip
import hashlib

import numpy as np
import pytest

from nntasks.datasets import DataStore
from nntasks.errors import MissingError
from nntasks.plugins.classification.data import mnist
from nntasks.plugins.classification.data.mnist import FashionMnist, Mnist
from nntasks.seeding import Seeds

PARTS = ("train-images", "train-labels", "t10k-images", "t10k-labels")


def content(part, shift=0):
    """Return the bytes of a small file of MNIST's kind: ten pictures of 2 x 2 pixels, or labels."""
    if part.endswith("images"):
        return np.array([2051, 10, 2, 2], ">u4").tobytes() + bytes(range(shift, shift + 40))
    return (
        np.array([2049, 10], ">u4").tobytes() + np.roll(np.arange(10, dtype="u1"), shift).tobytes()
    )


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Have a small MNIST."""
    digests = {part: hashlib.sha256(content(part)).hexdigest() for part in PARTS}
    digests["t10k-images"] = hashlib.sha256(content("t10k-images", 7)).hexdigest()
    monkeypatch.setattr(mnist, "_DIGITS", digests)
    monkeypatch.setattr(Mnist, "digests", digests)


def put(folder, name="{}-idx{}-ubyte.gz", packed=True, shift=0):
    """Write the four files."""
    for part in PARTS:
        dimensions = 3 if part.endswith("images") else 1
        data = content(part, shift + 7 * (part == "t10k-images"))
        path = folder / name.format(part, dimensions)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data, 1) if packed else data)


def load(root, kind=Mnist):
    folder = DataStore([root]).require("it", kind)
    return kind(kind.Config(validation=0.1), Seeds(0)).load(folder)


FORMS = {
    "packed anew": ("mnist", "{}-idx{}-ubyte.gz", True),
    "unpacked": ("mnist", "{}-idx{}-ubyte", False),
    "unpacked, under its packed name": ("mnist", "{}-idx{}-ubyte.gz", False),
    "with a point": ("mnist", "{}.idx{}-ubyte", False),
    "with a point, packed": ("mnist", "{}.idx{}-ubyte.gz", True),
    "each in a folder": ("mnist", "{0}-idx{1}-ubyte/{0}-idx{1}-ubyte", False),
    "torchvision's": ("MNIST/raw", "{}-idx{}-ubyte", False),
    "torchvision's below": ("mnist/MNIST/raw", "{}-idx{}-ubyte.gz", True),
}


@pytest.mark.parametrize(("place", "name", "packed"), FORMS.values(), ids=FORMS.keys())
def test_every_form_gives_the_same_pictures(tmp_path, place, name, packed):
    put(tmp_path / place, name, packed)
    splits = load(tmp_path)
    assert (len(splits.train), len(splits.test)) == (10, 10)
    assert splits.train.labels.tolist() == list(range(10))
    assert splits.test.pictures.tobytes() == content("t10k-images", 7)[16:]
    store = DataStore([tmp_path])
    assert store.fetch("mnist", Mnist) == store.find(Mnist)
    assert store.verify(Mnist)[1] == []
    (state,) = store.summary({"mnist": Mnist})
    assert (state.status, state.problems) == ("ready", ())


def test_other_pictures_are_refused(tmp_path):
    put(tmp_path / "mnist", shift=1)
    with pytest.raises(MissingError, match=r"expected train-images of mnist, but unpacked its sha"):
        load(tmp_path)
    store = DataStore([tmp_path])
    (problem,) = store.verify(Mnist)[1]
    assert problem.kind == "checksum"


def test_files_that_changed_places_are_refused(tmp_path):
    put(tmp_path / "mnist")
    one, two = (tmp_path / "mnist" / f"{part}-images-idx3-ubyte.gz" for part in ("train", "t10k"))
    one.write_bytes(two.read_bytes())
    with pytest.raises(MissingError, match="it holds t10k-images of MNIST"):
        load(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    put(tmp_path / "mnist")
    (tmp_path / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(MissingError, match=r"'it' in .*mnist is not complete"):
        load(tmp_path)
    with pytest.raises(MissingError, match="expected a file t10k-labels"):
        Mnist(Mnist.Config(), Seeds(0)).load(tmp_path / "mnist")


class TestFashion:
    def test_clothes_are_read(self, tmp_path):
        put(tmp_path / "FashionMNIST" / "raw", shift=3)
        assert load(tmp_path, FashionMnist).info.classes[9] == "ankle boot"

    def test_digits_are_refused(self, tmp_path):
        put(tmp_path / "fashion_mnist", "{}-idx{}-ubyte", False)
        with pytest.raises(MissingError, match=r"of fashion_mnist, but unpacked it holds .*digits"):
            load(tmp_path, FashionMnist)

    def test_as_many_labels_as_pictures(self, tmp_path):
        put(tmp_path / "fashion_mnist", shift=3)
        labels = np.array([2049, 9], ">u4").tobytes() + bytes(9)
        (tmp_path / "fashion_mnist" / "train-labels-idx1-ubyte.gz").write_bytes(labels)
        with pytest.raises(MissingError, match="a label for each of the 10 pictures of train, got"):
            load(tmp_path, FashionMnist)

    @pytest.mark.parametrize("begun", [False, True])
    def test_nothing_is_no_success(self, cli_here, tmp_path, monkeypatch, begun):
        monkeypatch.setenv("NNTASKS_DATA", str(tmp_path))
        if begun:
            (tmp_path / "fashion_mnist").mkdir()
        for words in (("data", "fetch"), ("data", "verify")):
            process = cli_here(*words, "fashion_mnist")
            assert process.returncode == 3
        process = cli_here("run", "numpy_mlp", "data=fashion_mnist")
        assert process.returncode == 3
        assert "fashion_mnist" in process.stderr
        assert "zalandoresearch" in process.stderr
