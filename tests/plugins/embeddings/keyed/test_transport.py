"""The Earth Mover's Distance: small examples and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.embeddings.keyed.transport import cost


def test_nothing_moves_where_both_are_equal():
    lengths = np.array([[0.0, 2], [2, 0]])
    assert cost(np.array([0.3, 0.7]), np.array([0.3, 0.7]), lengths) == 0


def test_only_the_surplus_moves():
    lengths = np.array([[0.0, 2], [2, 0]])
    assert cost(np.array([0.75, 0.25]), np.array([0.25, 0.75]), lengths) == pytest.approx(1)


def test_one_source_serves_all():
    lengths = np.array([[1.0, 2, 4]])
    assert cost(np.array([1.0]), np.array([0.5, 0.25, 0.25]), lengths) == pytest.approx(2)


def test_the_cheapest_way_is_not_the_greedy_one():
    lengths = np.array([[0.0, 1], [1, 9]])  # the free way would force the dear one
    half = np.array([0.5, 0.5])
    assert cost(half, half, lengths) == pytest.approx(1)


def test_on_a_line_it_is_the_area_between_the_sums():
    rng = np.random.default_rng(0)
    supply, demand = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))
    places = np.arange(6.0)
    lengths = np.abs(places[:, None] - places)
    expected = np.abs(np.cumsum(supply - demand))[:-1].sum()
    assert cost(supply, demand, lengths) == pytest.approx(expected, abs=1e-12)
    assert cost(demand, supply, lengths.T) == pytest.approx(expected, abs=1e-12)
