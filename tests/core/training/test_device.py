"""The device of a name: of this machine, or one line that says what there is."""

from __future__ import annotations

import pytest
import torch

from nntasks.errors import UsageError
from nntasks.training.device import resolve_device


@pytest.fixture
def cards(monkeypatch):
    """Let the machine have so many CUDA devices."""
    monkeypatch.delenv("LOCAL_RANK", raising=False)

    def have(count):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)

    return have


def test_auto_takes_a_card_where_there_is_one(cards):
    cards(0)
    assert resolve_device("auto") == torch.device("cpu")
    cards(1)
    assert resolve_device("auto") == torch.device("cuda", 0)


def test_each_process_has_its_own_card(cards, monkeypatch):
    cards(4)
    monkeypatch.setenv("LOCAL_RANK", "2")
    assert resolve_device("cuda") == torch.device("cuda", 2)
    assert resolve_device("cuda:3") == torch.device("cuda", 3)  # named by the user


@pytest.mark.parametrize(("count", "name"), [(0, "cuda"), (2, "cuda:2")])
def test_a_card_that_is_not_there(cards, count, name):
    cards(count)
    with pytest.raises(UsageError) as told:
        resolve_device(name)
    assert str(told.value) == (
        f"device: expected one of {count} CUDA devices of this machine, got {name}; use device=cpu"
    )


def test_a_process_without_a_card_of_its_own(cards, monkeypatch):
    cards(1)
    monkeypatch.setenv("LOCAL_RANK", "1")
    with pytest.raises(UsageError, match="expected one of 1 CUDA devices"):
        resolve_device("cuda")


@pytest.mark.parametrize("there", [True, False])
def test_apples_device(monkeypatch, there):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: there)
    if there:
        assert resolve_device("mps").type == "mps"
        return
    with pytest.raises(UsageError, match="expected a device of this machine, got mps"):
        resolve_device("mps")
