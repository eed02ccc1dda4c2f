"""The comparison of kernels and references finds a difference, and none where there is none."""

from __future__ import annotations

import pytest
import torch

from nntasks import ops
from nntasks.kernel_checks import agreement


@pytest.fixture
def native():
    if not ops.native_available():
        pytest.skip("needs the compiled library")


def compared(monkeypatch, values):
    """Return the agreement of an op that gives `values` natively and by its reference."""
    monkeypatch.setattr(agreement.ops, "native_available", lambda: True)
    results = iter(values)
    monkeypatch.setattr(agreement, "_cases", lambda: iter([("op", lambda: next(results))]))
    monkeypatch.setattr(agreement.ops, "use", lambda mode: torch.no_grad())
    (found,) = agreement.check_agreement()
    return found.equal, found.difference


def test_every_kernel_agrees(native):
    found = agreement.check_agreement()
    assert {check.op.split()[0] for check in found} >= {"nms", "box_iou", "im2col", "philox"}
    assert [check.op for check in found if not check.equal] == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (torch.tensor([1, 2]), torch.tensor([1, 3]), (False, 1)),
        (torch.tensor([1.0]), torch.tensor([1.0 + 5e-7], dtype=torch.double), (True, 5e-7)),
        (torch.tensor([1.0]), torch.tensor([1.01]), (False, 0.01)),
        (torch.zeros(2), torch.zeros(3), (False, float("inf"))),
        (torch.zeros(0), torch.zeros(0), (True, 0)),
    ],
    ids=["indices", "rounding", "values", "shapes", "empty"],
)
def test_indices_must_be_equal_and_values_close(monkeypatch, first, second, expected):
    equal, difference = compared(monkeypatch, [first, second])
    assert equal == expected[0]
    assert difference == pytest.approx(expected[1], rel=1e-3)


def test_the_worst_of_several_results_counts(monkeypatch):
    one = (torch.tensor([1]), torch.tensor([0.5]))
    other = (torch.tensor([1]), torch.tensor([0.75]))
    assert compared(monkeypatch, [one, other]) == (False, 0.25)


def test_without_a_library_there_is_nothing_to_compare(monkeypatch):
    monkeypatch.setattr(agreement.ops, "native_available", lambda: False)
    assert agreement.check_agreement() == []
