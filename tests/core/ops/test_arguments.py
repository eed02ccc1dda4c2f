"""The checks of arguments: right ones pass, wrong ones are named with what came and what to do."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nntasks.ops import _arguments as arguments

BOXES = torch.zeros(3, 4)


class Index:
    """Convertible to an int, as numbers of NumPy are."""

    def __index__(self):
        return 7


@pytest.mark.parametrize("dtype", arguments.FLOATS)
def test_boxes_of_every_float(dtype):
    arguments.check_boxes("nms", "boxes", BOXES.to(dtype))
    arguments.check_boxes("nms", "boxes", torch.zeros(0, 4, dtype=dtype))


@pytest.mark.parametrize("dtype", arguments.INTEGERS)
def test_integers_of_every_width(dtype):
    arguments.check_integers("op", "labels", torch.zeros(2, dtype=dtype))


@pytest.mark.parametrize(
    ("value", "error", "told"),
    [
        (BOXES.numpy(), TypeError, "nms: boxes must be a torch tensor, got ndarray"),
        (BOXES.long(), TypeError, "got torch.int64; use boxes.float()"),
        (
            BOXES[0],
            ValueError,
            "nms: boxes must have shape (N, 4), one row x1, y1, x2, y2 a box",
        ),
        (BOXES[:, :3], ValueError, "got (3, 3)"),
    ],
)
def test_what_are_no_boxes(value, error, told):
    with pytest.raises(error) as found:
        arguments.check_boxes("nms", "boxes", value)
    assert told in str(found.value)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bool])
def test_what_are_no_integers(dtype):
    with pytest.raises(TypeError, match=r"op: labels must be a tensor of integers, .*labels\.long"):
        arguments.check_integers("op", "labels", torch.zeros(2, dtype=dtype))


def test_one_value_a_box():
    arguments.check_one_per_box("nms", "scores", torch.zeros(3), BOXES)
    for shape in ((2,), (3, 1), ()):
        with pytest.raises(ValueError, match=r"nms: scores must have shape \(3,\), one value"):
            arguments.check_one_per_box("nms", "scores", torch.zeros(shape), BOXES)


def test_devices_must_agree():
    there = torch.zeros(3, device="meta")
    with pytest.raises(ValueError, match=r"got cpu and meta; use scores\.to\(boxes\.device\)"):
        arguments.check_one_per_box("nms", "scores", there, BOXES)


@pytest.mark.parametrize("value", [0, 0.5, 1, np.float32(0.5), np.int64(1)])
def test_thresholds(value):
    found = arguments.checked_threshold("nms", value)
    assert type(found) is float
    assert found == value


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_thresholds_out_of_range(value):
    with pytest.raises(ValueError, match=f"iou_threshold must be from 0 to 1, got {value}"):
        arguments.checked_threshold("nms", value)


@pytest.mark.parametrize("value", [True, "0.5", None, torch.tensor(0.5), 1j])
def test_what_is_no_threshold(value):
    with pytest.raises(TypeError, match=f"a number from 0 to 1, got {type(value).__name__}"):
        arguments.checked_threshold("nms", value)


@pytest.mark.parametrize(("value", "number"), [(1, 1), (9, 9), (np.int8(3), 3), (Index(), 7)])
def test_whole_numbers(value, number):
    assert arguments.checked_int("op", "size", value, 1, 9) == number


@pytest.mark.parametrize("value", [0, 10, -1, 2**70])
def test_whole_numbers_out_of_range(value):
    with pytest.raises(ValueError, match=f"op: size must be from 1 to 9, got {value}"):
        arguments.checked_int("op", "size", value, 1, 9)


@pytest.mark.parametrize("value", [1.0, True, "1", None, torch.tensor(1)])
def test_what_is_no_whole_number(value):
    with pytest.raises(TypeError, match=f"op: size must be an int, got {type(value).__name__}"):
        arguments.checked_int("op", "size", value, 1, 9)
    if value is not None:
        with pytest.raises(TypeError, match="max_output must be an int or None"):
            arguments.checked_limit("op", value)


@pytest.mark.parametrize("value", [0, 1, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_word_keeps_its_bits(value):
    found = arguments.checked_word("op", "seed", value)
    assert -(2**63) <= found < 2**63
    assert found % 2**64 == value


def test_a_word_out_of_range():
    for value in (-1, 2**64):
        with pytest.raises(ValueError, match="seed must be from 0 to"):
            arguments.checked_word("op", "seed", value)


def test_raw_ops_take_one_width():
    arguments.check_int64("op", "rows", torch.zeros(2, dtype=torch.int64))
    with pytest.raises(TypeError, match=r"op: rows must be int64, .*int32; use rows\.long"):
        arguments.check_int64("op", "rows", torch.zeros(2, dtype=torch.int32))


@pytest.mark.parametrize(("value", "limit"), [(None, None), (0, 0), (5, 5), (2**80, 2**63 - 1)])
def test_limits(value, limit):
    assert arguments.checked_limit("op", value) == limit


def test_a_limit_below_0():
    with pytest.raises(ValueError, match="max_output must be 0 or more, or None for all, got -1"):
        arguments.checked_limit("op", -1)
