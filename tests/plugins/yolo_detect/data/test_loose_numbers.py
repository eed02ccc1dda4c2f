"""Numbers as tools write them, and what is none."""

from __future__ import annotations

import math

import pytest

from nntasks.plugins.yolo_detect.data.loose_numbers import finite_number, whole_number


@pytest.mark.parametrize(
    ("value", "number"),
    [(7, 7), (-2, -2), (7.0, 7), (" 12 ", 12), ("-3", -3), ("007", 7), (10**40, 10**40)],
)
def test_whole_numbers(value, number):
    found = whole_number(value)
    assert found == number
    assert type(found) is int


@pytest.mark.parametrize(
    "value",
    [
        *(1.5, math.nan, math.inf, True, None, [], {}),
        *("", "-", "--3", "1.0", "1_000", "0x10", "²", "٣", "1" * 31),
    ],
)
def test_no_whole_numbers(value):
    assert whole_number(value) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [(1.5, 1.5), (3, 3), ("2.5e-1", 0.25), (" -4 ", -4), (".5", 0.5), ("1e300", 1e300)],
)
def test_finite_numbers(value, number):
    found = finite_number(value)
    assert found == number
    assert type(found) is float


@pytest.mark.parametrize(
    "value",
    [
        *(math.nan, -math.inf, 10**400, True, None, [1.0]),
        *("", "x", "nan", "inf", "1e999", "1_0", "٣", "0x1p3", "0" * 31),
    ],
)
def test_no_finite_numbers(value):
    assert finite_number(value) is None
