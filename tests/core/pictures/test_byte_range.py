"""Pictures in memory as bytes: of truth values, whole numbers and shares."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.pictures.byte_range import as_bytes


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (np.array([True, False]), [255, 0]),
        (np.array([0, 7, 255]), [0, 7, 255]),
        (np.array([0, 255], np.int16), [0, 255]),
        (np.array([0.0, 0.5, 1.0]), [0, 128, 255]),
        (np.array([0.0, 1.0], np.float16), [0, 255]),
        (np.array([100 / 255], np.float32), [100]),
    ],
)
def test_every_kind_of_number(pixels, expected):
    found = as_bytes(pixels, "mask")
    assert found.dtype == np.uint8
    assert found.tolist() == expected


def test_bytes_are_not_copied():
    pixels = np.zeros((2, 2), np.uint8)
    assert as_bytes(pixels, "mask") is pixels


def test_every_byte_comes_back_from_its_share():
    values = np.arange(256, dtype=np.uint8)
    assert np.array_equal(as_bytes(values / 255, "a"), values)


@pytest.mark.parametrize(
    ("pixels", "told"),
    [
        (np.array([0, 256]), "mask: expected whole numbers in 0..255, got 0 to 256"),
        (np.array([-1, 0]), "mask: expected whole numbers in 0..255, got -1 to 0"),
        (
            np.array([0.0, 255.0]),
            "mask: expected floats in 0..1, got 0 to 255; divide by 255, or convert to uint8",
        ),
        (np.array([0.5, np.nan]), "mask: expected floats in 0..1, got nan to nan; divide by"),
        (np.array([np.inf]), "mask: expected floats in 0..1, got inf to inf; divide by"),
    ],
)
def test_other_numbers_are_refused_with_their_range(pixels, told):
    with pytest.raises(UsageError) as error:
        as_bytes(pixels, "mask")
    assert str(error.value).startswith(told)
