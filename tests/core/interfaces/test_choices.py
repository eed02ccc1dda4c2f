"""The entries of a configuration, resolved."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from nntasks.config import Options
from nntasks.interfaces.choices import Choices
from nntasks.interfaces.data import Dataset

CHOICES = Choices(Dataset, Options(), lambda *given: None, None, {})


def test_one_entry_is_exchanged_by_a_copy():
    """As for data in memory: the other entries are the same objects."""

    class InMemory(Dataset):
        def load(self, root):
            return None

    other = replace(CHOICES, dataset=InMemory)
    assert other.dataset is InMemory
    assert other.model is CHOICES.model
    assert CHOICES.dataset is Dataset


def test_the_entries_of_a_task_do_not_change():
    with pytest.raises(FrozenInstanceError):
        CHOICES.metrics = {}
