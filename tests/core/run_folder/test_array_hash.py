"""The digest of arrays: the same whatever holds the values; another for any change."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from nntasks.run_folder.array_hash import array_hash, raw_bytes

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3)


def test_framework_and_layout_do_not_matter():
    expected = array_hash({"w": VALUES})
    for same in (torch.from_numpy(VALUES), np.asfortranarray(VALUES), VALUES.T.copy().T):
        assert array_hash({"w": same}) == expected
    assert array_hash({"w": torch.from_numpy(VALUES.T.copy()).T.requires_grad_()}) == expected


@pytest.mark.parametrize(
    "other",
    [
        {"v": VALUES},
        {"w": VALUES.reshape(3, 2)},
        {"w": VALUES.view(np.int32)},
        {"w": -VALUES},  # the sign of a zero counts too
        {"w": VALUES, "more": VALUES[:0]},
        {},
    ],
)
def test_name_shape_dtype_and_bits_matter(other):
    assert array_hash(other) != array_hash({"w": VALUES})


def test_the_order_of_the_names_matters():
    pair = {"a": VALUES, "b": VALUES + 1}
    assert array_hash(pair) != array_hash(dict(reversed(pair.items())))


def test_what_is_hashed():
    text = b"w\x1fint16\x1f(2,)\x1f" + b"\x01\x00\x02\x01"
    assert array_hash({"w": np.array([1, 258], "<i2")}) == hashlib.sha256(text).hexdigest()


@pytest.mark.parametrize("array", [np.zeros((0, 3)), torch.zeros(0, 3), torch.zeros(())])
def test_bytes_of_empty_arrays_and_of_numbers(array):
    found = raw_bytes(array)
    assert found.dtype == np.uint8
    assert found.shape == (4 if array.ndim == 0 else 0,)


def test_a_type_that_numpy_lacks_has_bytes_too():
    assert raw_bytes(torch.tensor([1.0], dtype=torch.bfloat16)).tolist() == [0x80, 0x3F]
