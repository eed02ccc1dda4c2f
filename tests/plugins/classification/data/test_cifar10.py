"""CIFAR-10: records of the binary format, and the subset in one file of NumPy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nntasks.errors import MissingError, UsageError
from nntasks.plugins.classification.data.cifar10 import (
    ARRAYS,
    Cifar10,
    Cifar10Subset,
    read_records,
)
from nntasks.seeding import Seeds


def load(kind, root=None, **options):
    return kind(kind.Config(**options), Seeds(0)).load(root)


def records(labels, seed=0):
    """Return the bytes of pictures that are red, green and blue by their label."""
    rng = np.random.default_rng(seed)
    planes = rng.integers(0, 256, (len(labels), 3, 32, 32), dtype=np.uint8)
    rows = np.column_stack([np.array(labels, np.uint8), planes.reshape(len(labels), -1)])
    return rows.tobytes(), planes


def test_the_real_subset(real_data):
    splits = load(Cifar10Subset, real_data / "cifar10", validation=0)
    counts = np.bincount(splits.train.labels).tolist()
    assert counts == [396, 366, 420, 384, 422, 393, 414, 385, 407, 413]
    mean = splits.train.pictures.mean(axis=(0, 1, 2)) / 255
    assert mean == pytest.approx([0.4916, 0.4818, 0.4447], abs=1e-4)
    assert len(splits.info.classes) == 10


def test_a_record_is_a_label_and_three_planes(tmp_path):
    content, planes = records([7, 0])
    (tmp_path / "a.bin").write_bytes(content)
    found = read_records([tmp_path / "a.bin"])
    assert found.labels.tolist() == [7, 0]
    assert found.pictures.shape == (2, 32, 32, 3)
    for channel in range(3):
        np.testing.assert_array_equal(found.pictures[..., channel], planes[:, channel])


def test_files_follow_each_other(tmp_path):
    for name, labels in (("a", [1, 2]), ("b", [3])):
        (tmp_path / name).write_bytes(records(labels)[0])
    assert read_records([tmp_path / "b", tmp_path / "a"]).labels.tolist() == [3, 1, 2]


def test_the_five_batches_are_for_training(tmp_path):
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    for number in range(1, 6):
        (folder / f"data_batch_{number}.bin").write_bytes(records([number] * 2)[0])
    (folder / "test_batch.bin").write_bytes(records([9, 8])[0])
    splits = load(Cifar10, tmp_path, validation=0.5)
    assert splits.train.labels.tolist() == [1, 2, 3, 4, 5]
    assert splits.validation.labels.tolist() == [1, 2, 3, 4, 5]
    assert splits.test.labels.tolist() == [9, 8]
    assert splits.info.classes[3] == "cat"
    assert splits.info.input_shape == (32, 32, 3)


@pytest.mark.parametrize("content", [b"", b"x" * 3072, b"x" * 3074])
def test_parts_of_records_are_refused(tmp_path, content):
    (tmp_path / "a.bin").write_bytes(content)
    with pytest.raises(MissingError, match=rf"records of 3073 bytes, got {len(content)} bytes; f"):
        read_records([tmp_path / "a.bin"])


def test_a_missing_file_and_a_wrong_label_are_named(tmp_path):
    with pytest.raises(MissingError, match=r"cannot read .*no\.bin: No such file .*; fetch it ag"):
        read_records([tmp_path / "no.bin"])
    (tmp_path / "a.bin").write_bytes(records([1, 10])[0])
    with pytest.raises(UsageError, match="expected labels from 0 to 9, got 10 at number 1"):
        read_records([tmp_path / "a.bin"])


def stored(folder, **changes):
    """Write a subset of two pictures for each part."""
    arrays = {
        "x_train": np.zeros((4, 2, 2, 3), np.uint8),
        "y_train": np.array([0, 1, 0, 1]),
        "x_test": np.ones((2, 2, 2, 3), np.uint8),
        "y_test": np.array([0, 1]),
        "class_names": np.array(["cat", "dog"]),
        **changes,
    }
    path = folder / Cifar10Subset.files[0].path
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    return Path(path)


class TestSubset:
    def test_its_arrays(self, tmp_path):
        stored(tmp_path)
        splits = load(Cifar10Subset, tmp_path, validation=0)
        assert splits.info.classes == ("cat", "dog")
        assert splits.train.labels.tolist() == [0, 1, 0, 1]
        assert splits.test.pictures.max() == 1
        assert splits.validation is splits.test

    @pytest.mark.parametrize("name", ARRAYS)
    def test_an_array_that_is_missing(self, tmp_path, name):
        stored(tmp_path, **{name: None})
        with pytest.raises(MissingError, match=rf"expected arrays .*: .*{name}.*; fetch it again"):
            load(Cifar10Subset, tmp_path)

    def test_no_archive_and_no_file(self, tmp_path):
        for content in (None, b"no archive"):
            if content:
                stored(tmp_path).write_bytes(content)
            with pytest.raises(MissingError, match=r"cifar10_subset\.npz: expected arrays x_train"):
                load(Cifar10Subset, tmp_path)

    @pytest.mark.parametrize("part", ["train", "test"])
    def test_labels_without_a_name(self, tmp_path, part):
        count = 4 if part == "train" else 2
        stored(tmp_path, **{f"y_{part}": np.full(count, 2)})
        with pytest.raises(UsageError, match=rf"npz, {part}: expected labels from 0 to 1, got 2"):
            load(Cifar10Subset, tmp_path)
