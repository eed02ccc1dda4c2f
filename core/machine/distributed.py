"""The processes that share a run: one, or several started by torchrun or `--nproc`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nntasks.errors import NNTasksError


@dataclass(frozen=True)
class Workers:
    """This process among its peers. With one process nothing here imports torch."""

    rank: int = 0
    size: int = 1

    @classmethod
    def join(cls) -> Workers:
        """Join the peers that torchrun's environment names; alone without such an environment."""
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return cls()
        import torch
        import torch.distributed as dist

        if not dist.is_initialized():
            on_gpu = torch.cuda.is_available() and torch.cuda.device_count() >= size
            dist.init_process_group("nccl" if on_gpu else "gloo")
        return cls(dist.get_rank(), size)

    def leave(self) -> None:
        """Take leave of the peers at the end of the run."""
        if self.size > 1:
            import torch.distributed as dist

            if dist.is_initialized():
                dist.destroy_process_group()

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and prints."""
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
        """Do `work` in the main process; return its value, or raise its error, in every process."""
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


ALONE = Workers()
