"""What no memory holds is refused before any work."""

from __future__ import annotations

import pytest

from nntasks.datasets import DataStore
from nntasks.errors import UsageError
from nntasks.machine import memory
from nntasks.runner import start


def test_the_memory_that_is_free_is_known():
    assert memory.free_memory() > 1 << 26


def test_more_than_is_free_is_refused_and_less_is_not(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 2**30)
    memory.require(2**30, "this", "do that")
    with pytest.raises(UsageError, match=r"this needs 3.0 GiB of memory.* 1.0 GiB .*; do that"):
        memory.require(3 * 2**30, "this", "do that")


def test_nothing_is_refused_where_the_system_does_not_tell(monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    memory.require(2**80, "this", "do that")


def test_layers_that_no_memory_holds():
    keys = {"data": "xor", "hidden_sizes": "20000000,20000000"}
    with pytest.raises(UsageError, match=r"hidden_sizes=20000000,20000000 needs .* GiB"):
        start("numpy_mlp", [keys], dry_run=True)


def test_a_file_as_data_folder_is_refused_by_the_name_of_the_variable(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="NNTASKS_DATA: expected folders"):
        DataStore.from_environment({"NNTASKS_DATA": str(tmp_path / "file")})
