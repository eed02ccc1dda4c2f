"""Steps at given rates: each with its own, over epochs without end, and no trace of chance."""

from __future__ import annotations

from itertools import islice

import pytest
import torch
from fitted_line import Line, Points, run_in

from nntasks.training.torch_rates import losses_at


def test_each_step_has_its_rate(tmp_path):
    model = Line()
    found = list(losses_at(model, Points(), run_in(tmp_path), [0.0, 0.0, 0.01, 0.0]))
    assert [rate for rate, _ in found] == [0.0, 0.0, 0.01, 0.0]
    # 7.5 (2 - w)^2 with w = 0 until the third step, whose rate moves w to 0.3
    assert [loss for _, loss in found] == pytest.approx([30, 30, 30, 7.5 * 1.7**2])


def test_there_are_batches_for_any_number_of_rates(tmp_path):
    model = Line(batch_size=2)  # two batches an epoch
    assert len(list(losses_at(model, Points(), run_in(tmp_path), [1e-3] * 7))) == 7


def test_a_test_that_is_left_early_leaves_the_generators_of_torch(tmp_path):
    model = Line()
    torch.manual_seed(5)
    expected = torch.rand(2)
    torch.manual_seed(5)
    steps = losses_at(model, Points(), run_in(tmp_path), [0.1] * 10)
    list(islice(steps, 2))
    steps.close()
    assert torch.equal(torch.rand(2), expected)
