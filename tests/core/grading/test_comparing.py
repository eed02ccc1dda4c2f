"""What is said of a wrong array."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.grading.comparing import attribute, central_differences, expect, expect_unchanged
from nntasks.interfaces.exercises import Miss

RIGHT = np.array([[1.0, 2.0], [3.0, 4.0]])


def told(got, right=RIGHT, **more):
    with pytest.raises(Miss) as miss:
        expect("f", "the result", got, right, **more)
    return str(miss.value)


@pytest.mark.parametrize("got", [RIGHT, RIGHT + 1e-6, RIGHT.tolist(), RIGHT.astype(np.float32)])
def test_right_results_pass(got):
    expect("f", "the result", got, RIGHT)


def test_what_an_object_does_not_hold_is_named():
    class Layer:
        weight_gradient = RIGHT

    assert attribute("f", Layer(), "weight_gradient") is RIGHT
    with pytest.raises(Miss, match=r"^f: self\.bias_gradient is not set; keep it there$"):
        attribute("f", Layer(), "bias_gradient")


def test_nan_is_right_where_it_is_expected():
    expect("f", "the result", float("nan"), np.nan)
    assert told(0.0, np.nan) == "f: the result is wrong: expected nan, got 0"


@pytest.mark.parametrize(
    ("got", "line"),
    [
        (
            None,
            (
                "f: the result is missing: expected an array of shape (2, 2), got None; is there a "
                "return?"
            ),
        ),
        (
            [None, None],
            (
                "f: the result is missing: expected an array of shape (2, 2), got None; is there a "
                "return?"
            ),
        ),
        ("text", "f: the result is of the wrong type: expected an array of shape (2, 2), got str"),
        (RIGHT[0], "f: the result has the wrong shape: expected shape (2, 2), got (2,)"),
        (-RIGHT, "f: the result has the wrong sign: expected 1, got -1 at [0, 0]; 4 of 4 differ"),
        (
            32 * RIGHT,
            "f: the result is 32 times too large: expected 1, got 32 at [0, 0]; 4 of 4 differ",
        ),
        (
            [[1.0, 2.0], [3.5, 4.0]],
            "f: the result is wrong: expected 3, got 3.5 at [1, 0]; 1 of 4 differ",
        ),
        (
            [[1.0, 2.0], [np.inf, 4.0]],
            "f: the result has NaN or infinite numbers: expected 3 at [1, 0]",
        ),
    ],
)
def test_each_kind_of_wrong_result_has_its_line(got, line):
    assert told(got) == line


def test_shapes_and_guesses_name_the_mistake():
    assert told(RIGHT[0], shapes={(2,): "is summed over the wrong axis"}) == (
        "f: the result is summed over the wrong axis: expected shape (2, 2), got (2,)"
    )
    assert told(RIGHT.T, guesses={"is transposed": RIGHT.T}).startswith(
        "f: the result is transposed: expected 2, got 3 at [0, 1]"
    )


def test_a_changed_argument():
    expect_unchanged("f", "x", RIGHT, RIGHT.copy())
    with pytest.raises(Miss, match="f: x is changed in place; work on a copy"):
        expect_unchanged("f", "x", RIGHT, RIGHT + 1)


def test_central_differences_of_a_polynomial_and_its_values_are_restored():
    values = RIGHT.copy()
    gradient = central_differences(lambda: float((values**3).sum()), values)
    np.testing.assert_allclose(gradient, 3 * RIGHT**2, rtol=1e-8)
    np.testing.assert_array_equal(values, RIGHT)
