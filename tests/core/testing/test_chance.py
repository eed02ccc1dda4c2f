"""Other global generators while a block runs, and the old ones after it, whatever happens."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from nntasks.testing.chance import other_chance, torch_state


def drawn():
    """Return a number of each global generator."""
    return random.random(), float(np.random.rand()), float(torch.rand(1))  # noqa: NPY002


def test_the_block_has_the_chance_of_its_number():
    found = []
    for number in (1, 1, 2):
        with other_chance(number):
            found.append(drawn())
    assert found[0] == found[1]
    assert all(a != b for a, b in zip(found[0], found[2], strict=True))


@pytest.mark.parametrize("fails", [False, True])
def test_afterwards_the_generators_go_on_as_if_nothing_had_been(fails):
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    torch.manual_seed(5)
    expected = drawn()
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002
    torch.manual_seed(5)
    try:
        with other_chance(1):
            drawn()
            if fails:
                raise ValueError
    except ValueError:
        pass
    assert drawn() == expected


def test_the_state_of_torch_changes_with_a_draw_and_with_nothing_else():
    before = torch_state()
    with other_chance(3):
        torch.rand(1)
    assert torch_state() == before
    torch.rand(1)
    assert torch_state() != before
