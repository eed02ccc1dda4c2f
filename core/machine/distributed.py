"""The processes that share a run: one, or several started by torchrun or `--nproc`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nntasks.errors import NNTasksError, RunFailed, UsageError

PEER_LOST = "another process of the run has ended"
_OF_PEERS = ("gloo", "Gloo", "NCCL", "ncclRemote", "Connection closed by peer", "Connection reset")


class PeerLost(RunFailed):
    """Another process of the run has ended; its own error is the cause."""


def place() -> tuple[int, int]:
    """Return this process's rank and the number of processes, from torchrun's environment.

    Raises:
        UsageError: the environment is inconsistent or incomplete.
    """
    size, rank = _whole("WORLD_SIZE", 1), _whole("RANK", 0)
    if size <= 1:
        return 0, 1  # without WORLD_SIZE, a stale RANK is ignored
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        if not os.environ.get(name):
            raise UsageError(
                f"WORLD_SIZE={size} is set, but {name} is not; unset WORLD_SIZE, or start the "
                f"processes with torchrun or --nproc {size}"
            )
    _whole("MASTER_PORT", 0)
    if rank >= size:
        raise UsageError(f"RANK={rank}: expected a number below WORLD_SIZE={size}")
    return rank, size


def _whole(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(f"{name}={text:.40}: expected a whole number; unset it, or use torchrun")
    return int(text)


@dataclass(frozen=True)
class Workers:
    """The processes of a run. With a single process nothing here imports torch."""

    rank: int = 0
    size: int = 1

    @classmethod
    def join(cls) -> Workers:
        """Join the processes of torchrun's environment; without it, run alone.

        Raises:
            UsageError: the environment is wrong (see `place`).
            RunFailed: the peers cannot be reached.
        """
        _, size = place()
        if size == 1:
            return cls()
        import torch
        import torch.distributed as dist

        if not dist.is_initialized():
            on_gpu = torch.cuda.is_available() and torch.cuda.device_count() >= size
            try:
                dist.init_process_group("nccl" if on_gpu else "gloo")
            except (RuntimeError, ValueError) as error:
                if _is_of_peers(error):
                    raise PeerLost(f"{PEER_LOST} ({_first(error)})") from error
                raise RunFailed(f"cannot join the other processes: {_first(error)}") from error
        return cls(dist.get_rank(), size)

    def leave(self) -> None:
        """Leave the process group at the end of the run."""
        if self.size > 1:
            import torch.distributed as dist

            if dist.is_initialized():
                with contextlib.suppress(RuntimeError):  # peers that have ended
                    dist.destroy_process_group()

    def explained(self, error: RuntimeError) -> Exception:
        """Return PeerLost if an error of torch means that a peer has ended, else the error."""
        if self.size > 1 and _is_of_peers(error):
            return PeerLost(f"{PEER_LOST} ({_first(error)})")
        return error

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and prints output."""
        return self.rank == 0

    def broadcast(self, value: Any) -> Any:
        """Return the main process's `value` in every process."""
        if self.size == 1:
            return value
        import torch.distributed as dist

        box = [value]
        dist.broadcast_object_list(box, src=0)
        return box[0]

    def gather(self, value: Any) -> list[Any]:
        """Return every process's `value`, by rank, in every process."""
        if self.size == 1:
            return [value]
        import torch.distributed as dist

        values: list[Any] = [None] * self.size
        dist.all_gather_object(values, value)
        return values

    def once(self, work: Callable[[], Any]) -> Any:
        """Call `work` in the main process; return its value or raise its error in every process."""
        value = problem = None
        if self.is_main:
            try:
                value = work()
            except NNTasksError as error:
                problem = error
        value, problem = self.broadcast((value, problem))
        if problem is not None:
            raise problem
        return value

    def any(self, flag: bool) -> bool:
        """Return whether `flag` is set in any process."""
        return flag if self.size == 1 else any(self.gather(flag))


def _is_of_peers(error: Exception) -> bool:
    return any(word in str(error) for word in _OF_PEERS)


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


ALONE = Workers()
