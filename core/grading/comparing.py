"""Compare a student's arrays with right ones, and say in one line what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nntasks.interfaces.exercises import Miss

TOLERANCE = 1e-5  # relative to the largest expected number, and absolute below 1


def expect(
    where: str,
    what: str,
    got: Any,
    expected: Any,
    *,
    shapes: Mapping[tuple[int, ...], str] | None = None,
    guesses: Mapping[str, Any] | None = None,
    tolerance: float = TOLERANCE,
) -> None:
    """Raise `Miss` unless `got` has the shape and the numbers of `expected`.

    Args:
        where: what was called, such as "backward of Linear".
        what: which result, such as "the gradient of the bias".
        got: the student's result.
        expected: the right array, or number.
        shapes: what a wrong shape means, such as {(32,): "is summed over the wrong axis"}.
        guesses: wrong results by the mistake that leads to them, such as {"is not divided by N":
            expected * N}.
        tolerance: the largest difference, relative to the largest expected number if that is
            above 1.
    """
    right = np.asarray(expected)
    found = _as_array(where, what, got, right)
    if found.shape != right.shape:
        meaning = f"{(shapes or {}).get(found.shape, 'has the wrong shape')}: "
        raise Miss(f"{where}: {what} {meaning}expected shape {right.shape}, got {found.shape}")
    if _equal(found, right, tolerance):
        return
    raise Miss(f"{where}: {what} {_difference(found, right, guesses or {}, tolerance)}")


def expect_unchanged(where: str, what: str, now: Any, before: Any) -> None:
    """Raise `Miss` if an argument has changed during a call."""
    if not np.array_equal(now, before):
        raise Miss(f"{where}: {what} is changed in place; work on a copy")


def attribute(where: str, student: Any, name: str) -> Any:
    """Return what the object of a student's class holds under a name.

    Raises:
        Miss: it has no such attribute, or None there.
    """
    found = getattr(student, name, None)
    if found is None:
        raise Miss(f"{where}: self.{name} is not set; keep it there")
    return found


def central_differences(
    function: Callable[[], float], values: np.ndarray, step: float = 1e-5
) -> np.ndarray:
    """Return the gradient of a function by the entries of `values` (float64), like `values`.

    Args:
        function: computes the number from the current content of `values`.
        values: changed entry by entry, and restored.
        step: of the differences, whose error is of the order of its square.
    """
    gradient = np.zeros(values.shape)
    for index in np.ndindex(values.shape):
        kept = values[index]
        values[index] = kept + step
        above = function()
        values[index] = kept - step
        gradient[index] = (above - function()) / (2 * step)
        values[index] = kept
    return gradient


def _as_array(where: str, what: str, got: Any, right: np.ndarray) -> np.ndarray:
    kind = f"an array of shape {right.shape}" if right.ndim else "a number"
    if got is None:
        raise Miss(f"{where}: {what} is missing: expected {kind}, got None; is there a return?")
    if hasattr(got, "detach"):  # a torch tensor
        got = got.detach().cpu().numpy()
    try:
        found = np.asarray(got)
    except ValueError:  # rows of different lengths
        found = np.empty(0, object)
    if found.dtype == object and any(value is None for value in found.flat):
        raise Miss(f"{where}: {what} is missing: expected {kind}, got None; is there a return?")
    if found.dtype.kind not in "biuf":
        raise Miss(f"{where}: {what} is of the wrong type: expected {kind}, got {_kind(got)}")
    return found


def _kind(got: Any) -> str:
    return f"{type(got).__name__} of {got.dtype}" if hasattr(got, "dtype") else type(got).__name__


def _equal(found: np.ndarray, right: np.ndarray, tolerance: float) -> bool:
    if not right.size:
        return True
    scale = max(1.0, float(np.abs(np.nan_to_num(right)).max()))
    return bool(np.allclose(found, right, rtol=0, atol=tolerance * scale, equal_nan=True))


def _difference(
    found: np.ndarray, right: np.ndarray, guesses: Mapping[str, Any], tolerance: float
) -> str:
    for mistake, wrong in guesses.items():
        wrong = np.asarray(wrong)
        if wrong.shape == found.shape and _equal(found, wrong, tolerance):
            return f"{mistake}: {_first_difference(found, right, tolerance)}"
    bad = np.argwhere(np.isfinite(right) & ~np.isfinite(found))
    if len(bad):
        at = _place(bad[0])
        return f"has NaN or infinite numbers: expected {_number(right[tuple(bad[0])])}{at}"
    if _equal(found, -right, tolerance):
        return f"has the wrong sign: {_first_difference(found, right, tolerance)}"
    factor = _factor(found, right)
    if factor and _equal(found, factor * right, tolerance):
        return f"is {factor:.4g} times too large: {_first_difference(found, right, tolerance)}"
    return f"is wrong: {_first_difference(found, right, tolerance)}"


def _factor(found: np.ndarray, right: np.ndarray) -> float:
    """Return by what number all of `right` are multiplied; 0 if it is none, or one is boolean."""
    if found.dtype.kind == "b" or right.dtype.kind != "f" or right.size < 2:
        return 0.0
    square = float((right * right).sum())
    return float((found * right).sum()) / square if square else 0.0


def _first_difference(found: np.ndarray, right: np.ndarray, tolerance: float) -> str:
    scale = max(1.0, float(np.abs(np.nan_to_num(right)).max()))
    same = np.isclose(found, right, rtol=0, atol=tolerance * scale, equal_nan=True)
    first = np.argwhere(~same)[0]
    wrong = f"; {int((~same).sum())} of {same.size} differ" if same.size > 1 else ""
    expected, got = (_number(values[tuple(first)]) for values in (right, found))
    return f"expected {expected}, got {got}{_place(first)}{wrong}"


def _place(index: np.ndarray) -> str:
    return f" at [{', '.join(map(str, index.tolist()))}]" if len(index) else ""


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else str(value)
