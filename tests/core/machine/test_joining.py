"""How processes find each other: the environment, the backend, the device, and who is missing."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import torch
import torch.distributed as dist

from nntasks.errors import RunFailed, UsageError
from nntasks.machine import joining
from nntasks.machine.distributed import Workers
from nntasks.machine.joining import Place, backend, place

WHOLE = {"WORLD_SIZE": "2", "RANK": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}


@pytest.fixture
def stated(monkeypatch):
    def state(**variables):
        for name in (*WHOLE, "LOCAL_RANK", "LOCAL_WORLD_SIZE", "NNTASKS_JOIN_SECONDS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return state


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, Place()),
        ({"RANK": "1"}, Place()),  # left over
        ({"WORLD_SIZE": "1", "RANK": "0"}, Place()),
        (WHOLE, Place(1, 2, 1, 2)),
        (
            {**WHOLE, "WORLD_SIZE": "32", "RANK": "19", "LOCAL_RANK": "3", "LOCAL_WORLD_SIZE": "8"},
            Place(19, 32, 3, 8),
        ),
    ],
)
def test_the_place_among_others(stated, variables, expected):
    stated(**variables)
    assert place() == expected


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"WORLD_SIZE": "two"}, "WORLD_SIZE=two: expected a whole number"),
        ({"WORLD_SIZE": "-2"}, "WORLD_SIZE=-2: expected"),
        ({"WORLD_SIZE": "9" * 5000}, "WORLD_SIZE=9{40}: expected a whole number"),
        ({"RANK": "x"}, "RANK=x: expected a whole number"),
        ({"WORLD_SIZE": "2"}, "WORLD_SIZE=2 is set, but RANK is not; unset WORLD_SIZE, or"),
        ({**WHOLE, "MASTER_PORT": ""}, "but MASTER_PORT is not"),
        ({**WHOLE, "MASTER_PORT": "x"}, "MASTER_PORT=x: expected"),
        ({**WHOLE, "RANK": "2"}, "RANK=2: expected a number below WORLD_SIZE=2"),
        (
            {**WHOLE, "LOCAL_RANK": "4", "LOCAL_WORLD_SIZE": "2"},
            "LOCAL_RANK=4: expected a number below LOCAL_WORLD_SIZE=2",
        ),
    ],
)
def test_what_cannot_be_is_named(stated, variables, message):
    stated(**variables)
    with pytest.raises(UsageError, match=message):
        Workers.join()


@pytest.mark.parametrize(
    ("machines", "gpus", "processes", "expected"),
    [
        (1, 8, 8, "cpu:gloo,cuda:nccl"),
        (4, 8, 8, "cpu:gloo,cuda:nccl"),
        (1, 8, 2, "cpu:gloo,cuda:nccl"),
        (2, 1, 2, "gloo"),
        (1, 0, 2, "gloo"),
    ],
)
def test_each_process_takes_the_gpu_of_its_place_on_its_machine(
    stated, monkeypatch, machines, gpus, processes, expected
):
    """GPUs, the store and the group are stand-ins; every process of every machine has its turn."""
    taken: list[int] = []
    groups: list[str] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    monkeypatch.setattr(joining, "_meet", lambda *given: None)
    monkeypatch.setattr(joining, "_store", lambda where, wait: dist.HashStore())
    monkeypatch.setattr(
        dist, "init_process_group", lambda name, store, rank, world_size: groups.append(name)
    )
    marked: list[int] = []  # the process of the tests is in no group
    monkeypatch.setattr(joining, "joined_group", lambda: marked.append(1))
    size = machines * processes
    for rank in range(size):
        stated(
            **{**WHOLE, "WORLD_SIZE": str(size), "RANK": str(rank)},
            LOCAL_RANK=str(rank % processes),
            LOCAL_WORLD_SIZE=str(processes),
        )
        joining.join(place())
    assert groups == [expected] * size
    assert len(marked) == size
    assert taken == (list(range(processes)) * machines if "nccl" in expected else [])
    assert backend(gpus, processes) == expected


def test_all_that_come_meet():
    store = dist.HashStore()
    wait = timedelta(seconds=20)
    threads = [
        threading.Thread(target=joining._meet, args=(store, rank, 3, wait)) for rank in range(1, 3)
    ]
    for thread in threads:
        thread.start()
    joining._meet(store, 0, 3, wait)
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)


def test_who_is_missing_is_named():
    store = dist.HashStore()
    store.set("2", "here")
    with pytest.raises(RunFailed, match=r"2 of 4 processes did not join .*: rank 1, 3"):
        joining._meet(store, 0, 4, timedelta(seconds=0.2))
