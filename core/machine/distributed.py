"""The processes that share a run: one, or several started by torchrun or `--nproc`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from nntasks.errors import NNTasksError, RunFailed
from nntasks.machine.joining import join, place

Merged = TypeVar("Merged")
PEER_LOST = "another process of the run has ended"
_OF_PEERS = ("gloo", "Gloo", "NCCL", "ncclRemote", "Connection closed by peer", "Connection reset")


class PeerLost(RunFailed):
    """Another process of the run has ended; its own error is the cause."""


@dataclass(frozen=True)
class Workers:
    """The processes of a run. With a single process nothing here imports torch."""

    rank: int = 0
    size: int = 1

    @classmethod
    def join(cls) -> Workers:
        """Join the processes of torchrun's environment; without it, run alone.

        Raises:
            UsageError: the environment is wrong (see `joining.place`).
            RunFailed: the peers cannot be reached.
        """
        where = place()
        if where.size == 1:
            return cls()
        import torch.distributed as dist

        if not dist.is_initialized():
            try:
                join(where)
            except (RuntimeError, ValueError) as error:
                if _is_of_peers(error):
                    raise PeerLost(f"{PEER_LOST} ({_first(error)})") from error
                raise RunFailed(f"cannot join the other processes: {_first(error)}") from error
        return cls(dist.get_rank(), where.size)

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

    def reduce(self, value: Merged, merge: Callable[[Merged, Merged], Merged]) -> Merged | None:
        """Merge all processes' values, pair by pair, into one of the main process.

        Each process holds two values at most, and sends one.

        Args:
            value: this process's own.
            merge: given the values of lower and of higher ranks, returns both in one.

        Returns:
            the merged value in the main process; None in the others.
        """
        step = 1
        while step < self.size:
            if self.rank % (2 * step):
                _send(value, self.rank - step)
                return None
            if self.rank + step < self.size:
                value = merge(value, _received(self.rank + step))
            step *= 2
        return value

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


def _send(value: Any, rank: int) -> None:
    import torch.distributed as dist

    dist.send_object_list([value], dst=rank)


def _received(rank: int) -> Any:
    import torch.distributed as dist

    box = [None]
    dist.recv_object_list(box, src=rank)
    return box[0]


def _is_of_peers(error: Exception) -> bool:
    return any(word in str(error) for word in _OF_PEERS)


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


ALONE = Workers()
