"""How a process joins the others of its run: place, backend, device, and who is missing."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from nntasks.errors import RunFailed, UsageError
from nntasks.machine.ending import joined_group

if TYPE_CHECKING:
    import torch.distributed as dist

_PAUSE = 0.1  # seconds between two looks
_ADDRESS = "check MASTER_ADDR and MASTER_PORT"
_SECONDS = 300  # to wait for all processes, unless NNTASKS_JOIN_SECONDS says otherwise


@dataclass(frozen=True)
class Place:
    """The place of this process among those of the run.

    Attributes:
        rank: from 0, over all machines.
        size: the number of processes on all machines.
        local_rank: from 0, on this machine; it is also the number of the process's GPU.
        local_size: the number of processes on this machine.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1


def place() -> Place:
    """Return the place of this process, from torchrun's environment.

    Raises:
        UsageError: the environment is inconsistent or incomplete.
    """
    size, rank = _whole("WORLD_SIZE", 1), _whole("RANK", 0)
    if size <= 1:
        return Place()  # without WORLD_SIZE, a stale RANK is ignored
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        if not os.environ.get(name):
            raise UsageError(
                f"WORLD_SIZE={size} is set, but {name} is not; unset WORLD_SIZE, or start the "
                f"processes with torchrun or --nproc {size}"
            )
    _whole("MASTER_PORT", 0)
    if rank >= size:
        raise UsageError(f"RANK={rank}: expected a number below WORLD_SIZE={size}")
    local_rank, local_size = _whole("LOCAL_RANK", rank), _whole("LOCAL_WORLD_SIZE", size)
    if local_rank >= local_size:
        raise UsageError(
            f"LOCAL_RANK={local_rank}: expected a number below LOCAL_WORLD_SIZE={local_size}"
        )
    return Place(rank, size, local_rank, local_size)


def backend(gpus: int, local_size: int) -> str:
    """Return torch's backend: NCCL for tensors on GPUs if each process has one, else gloo alone.

    Objects and tensors on the CPU go by gloo in any case, so they never meet on one GPU.

    Args:
        gpus: the number of this machine.
        local_size: processes on this machine.
    """
    return "cpu:gloo,cuda:nccl" if gpus >= local_size else "gloo"


def join(where: Place) -> None:
    """Join the process group; name the processes that do not come.

    Raises:
        RunFailed: not all came in time.
    """
    import torch
    import torch.distributed as dist

    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    chosen = backend(gpus, where.local_size)
    if "nccl" in chosen:
        torch.cuda.set_device(where.local_rank)  # before the group: NCCL takes the current GPU
    wait = timedelta(seconds=_whole("NNTASKS_JOIN_SECONDS", _SECONDS))
    store = _store(where, wait)
    _meet(dist.PrefixStore("nntasks/present", store), where.rank, where.size, wait)
    joined_group()
    dist.init_process_group(chosen, store=store, rank=where.rank, world_size=where.size)


def _store(where: Place, wait: timedelta) -> dist.Store:
    """Return the store of all processes: torchrun's, or one that rank 0 opens.

    Rank 0 does not wait there for the others, so that `_meet` can say who is missing.
    """
    import torch.distributed as dist

    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True":
        store, _, _ = next(dist.rendezvous("env://", where.rank, where.size, timeout=wait))
        return store
    host, port = os.environ["MASTER_ADDR"], _whole("MASTER_PORT", 0)
    if where.rank:
        _require_reachable(host, port, wait)
    try:
        return dist.TCPStore(
            host, port, where.size, where.rank == 0, timeout=wait, wait_for_workers=False
        )
    except RuntimeError as error:
        raise RunFailed(f"cannot use {host}:{port}: {_one_line(error)}; {_ADDRESS}") from error


def _require_reachable(host: str, port: int, wait: timedelta) -> None:
    """Wait until rank 0 listens. torch's own client would print a page on its failure."""
    end = time.monotonic() + wait.total_seconds()
    while True:
        try:
            socket.create_connection((host, port), timeout=_PAUSE * 20).close()
            return
        except OSError as error:
            if time.monotonic() > end:
                raise RunFailed(
                    f"cannot reach rank 0 at {host}:{port} within {wait.total_seconds():g} "
                    f"seconds: {_one_line(error)}; {_ADDRESS}"
                ) from error
        time.sleep(_PAUSE)


def _meet(store: dist.Store, rank: int, size: int, wait: timedelta) -> None:
    """Wait until every process has said that it is there.

    The store is asked again and again: a wait that runs out would keep torch from ending.
    """
    store.set(str(rank), "here")
    end = time.monotonic() + wait.total_seconds()
    missing = list(range(size))
    while missing:
        missing = [other for other in missing if not store.check([str(other)])]
        if missing and time.monotonic() > end:
            raise RunFailed(
                f"{len(missing)} of {size} processes did not join within "
                f"{wait.total_seconds():g} seconds: rank {', '.join(map(str, missing[:8]))}"
                f"{', ...' if len(missing) > 8 else ''}; look at the output of their machines, or "
                "give them more time with NNTASKS_JOIN_SECONDS"
            )
        time.sleep(_PAUSE if missing else 0)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _whole(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(f"{name}={text:.40}: expected a whole number; unset it, or use torchrun")
    return int(text)
