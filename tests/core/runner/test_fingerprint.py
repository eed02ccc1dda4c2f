"""What is the same data, and what is not."""

from __future__ import annotations

import os
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from nntasks.interfaces import Batch, DataInfo, Split, Splits
from nntasks.runner.fingerprint import difference, fingerprint
from nntasks.seeding import Seeds


class Holding(Split):
    """A split that holds anything."""

    def __init__(self, *held, size=3):
        self.held, self.size = held, size

    def __len__(self):
        return self.size

    def batch(self, indices, *, epoch=None):
        return Batch(None, None, list(indices))


def of(*held, classes=("a", "b"), size=3):
    split = Holding(*held, size=size)
    return fingerprint(Splits(split, None, split, DataInfo(classes)))


def same(one, other):
    return not difference(of(*one), of(*other))


def test_equal_contents_are_the_same():
    def make():
        return (np.arange(5), torch.ones(2, 3), ["x", (1, None)], {"k": 2.5}, Seeds(0))

    assert same(make(), make())
    assert same((Seeds(0),), (Seeds(1),))  # settings are no data


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((np.arange(5),), (np.arange(5)[::-1],)),
        ((np.arange(4),), (np.arange(4).reshape(2, 2),)),
        ((np.arange(4, dtype=np.int32),), (np.arange(4, dtype=np.uint32),)),
        ((np.array(["a", None], object),), (np.array(["b", None], object),)),
        ((torch.zeros(2),), (torch.tensor([0.0, 1e-30]),)),
        ((["a", "b"],), (["b", "a"],)),
        ((["ab", "c"],), (["a", "bc"],)),
        (([["a"], "b"],), (["a", ["b"]],)),
        ((1,), (True,)),
        ((partial(int, "1"),), (partial(int, "2"),)),
        ((SimpleNamespace(a=1),), (SimpleNamespace(a=2),)),
    ],
)
def test_other_contents_are_not(one, other):
    assert not same(one, other)


def test_files_count_by_content_and_not_by_place_or_time(tmp_path):
    for folder in ("one", "other"):
        (tmp_path / folder / "in").mkdir(parents=True)
        (tmp_path / folder / "in" / "a.txt").write_bytes(b"the text")
    one, other = (tmp_path / folder / "in" / "a.txt" for folder in ("one", "other"))
    os.utime(other, (1, 1))
    assert same((one,), (other,))
    assert same((str(one),), (str(other),))
    before = of(one)
    one.write_bytes(b"the test")
    assert difference(before, of(one)) == (
        "train still has 3 samples, but their content or order changed"
    )


def test_many_files_and_large_arrays_are_sampled(tmp_path, monkeypatch):
    from nntasks.runner import fingerprint as module

    monkeypatch.setattr(module, "_WHOLE", 1 << 10)
    array = np.zeros(1 << 20, np.uint8)
    before = of(array)
    array[-1] = 1
    assert difference(before, of(array))
    file = tmp_path / "large"
    file.write_bytes(bytes(1 << 20))
    before = of(file)
    file.write_bytes(bytes(1 << 19) + b"\1" + bytes((1 << 19) - 1))
    assert difference(before, of(file))


def test_what_holds_itself_ends():
    ring = []
    ring.append(ring)
    assert same((ring,), (ring,))


def test_the_phrase_names_classes_and_counts():
    assert difference(of(1), of(1, classes=("a", "c"))) == "classes were 2 (a, b), are 2 (a, c)"
    assert difference(of(1), of(1, size=4)) == "train had 3 samples, has 4"
    assert difference(of(1), of(1)) == ""
