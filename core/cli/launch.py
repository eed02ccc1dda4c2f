"""Starting a command in several processes on this machine, with torchrun's own launcher."""

from __future__ import annotations

import logging
import os

from torch.distributed.elastic.multiprocessing import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from nntasks.machine.program import child_command


def launch(nproc: int, words: list[str]) -> int:
    """Run `nntasks WORDS` in `nproc` processes; return the first failure's exit code."""
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    threads = max((os.cpu_count() or 1) // nproc, 1)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=nproc,
        run_id=f"nntasks-{os.getpid()}",
        rdzv_backend="c10d",
        rdzv_endpoint="127.0.0.1:0",
        max_restarts=0,
    )
    try:
        program, *arguments = child_command(words)
        elastic_launch(config, program)(*arguments)
    except ChildFailedError as error:
        _, first = error.get_first_failure()
        return first.exitcode if first.exitcode > 0 else 1
    except (KeyboardInterrupt, SignalException):
        return 130
    return 0
