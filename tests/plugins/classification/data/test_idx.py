"""IDX files: packed or not, by any name, and what is none."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from nntasks.errors import MissingError
from nntasks.plugins.classification.data import idx
from nntasks.plugins.classification.data.idx import find_idx, read_idx


class TestIdx:
    def write(self, path, data):
        path.write_bytes(gzip.compress(data))
        return path

    def test_labels(self, tmp_path):
        header = np.array([2049, 3], ">u4").tobytes()
        path = self.write(tmp_path / "x.gz", header + b"\x01\x02\x03")
        assert read_idx(path, 2049, 1).tolist() == [1, 2, 3]

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x00",
            np.array([2051, 3], ">u4").tobytes(),
            np.array([2049, 9], ">u4").tobytes() + b"12",
        ],
    )
    def test_another_file(self, tmp_path, data):
        path = self.write(tmp_path / "x.gz", data)
        with pytest.raises(MissingError, match="expected an IDX file of 1-dimensional bytes"):
            read_idx(path, 2049, 1)

    def test_a_damaged_one(self, tmp_path):
        (tmp_path / "x.gz").write_bytes(gzip.compress(bytes(100))[:-9])
        with pytest.raises(MissingError, match=r"cannot read .*fetch it again"):
            read_idx(tmp_path / "x.gz", 2049, 1)

    def test_one_that_is_not_packed(self, tmp_path):
        (tmp_path / "x").write_bytes(np.array([2049, 3], ">u4").tobytes() + b"\x01\x02\x03")
        assert read_idx(tmp_path / "x", 2049, 1).tolist() == [1, 2, 3]

    def test_one_that_unpacks_to_far_more(self, tmp_path, monkeypatch):
        monkeypatch.setattr(idx, "_MOST", 1000)
        path = self.write(tmp_path / "x.gz", bytes(1001))
        with pytest.raises(MissingError, match="at most 1000 bytes, got more"):
            read_idx(path, 2049, 1)


def test_names():
    names = ["train-images-idx3-ubyte.gz", "TRAIN-LABELS.IDX1-UBYTE", "t10k-images.idx3-ubyte.gz"]
    names += ["test-labels-idx1-ubyte", "train-images-idx3-ubyte.gz.part", "notes.txt"]
    found = find_idx(Path("a", name) for name in names)
    assert {part: path.name for part, path in found.items()} == {
        "train-images": names[0],
        "train-labels": names[1],
        "t10k-images": names[2],
        "t10k-labels": names[3],
    }
