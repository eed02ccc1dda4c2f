"""Start a command in several processes on this machine with torchrun's launcher."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException, Std
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from nntasks.machine import memory, stopping
from nntasks.machine.distributed import PEER_LOST
from nntasks.machine.parent import LAUNCHER
from nntasks.machine.program import child_command
from nntasks.report.formatting import clean

_STOPPED = 130
_ALSO = ["SIGHUP", "SIGQUIT"]  # torch's launcher handles these as well
_LEAST_MEMORY = 200 << 20  # bytes that a process needs with torch alone


def launch(
    nproc: int, words: list[str], run: Path, stopped: Callable[[int], None] = lambda number: None
) -> int:
    """Run `nntasks WORDS` in `nproc` processes; return the exit code of the first failure.

    The processes end with this one, even if it is killed. Errors are printed here, once.

    Raises:
        UsageError: memory does not hold so many processes.

    Args:
        nproc: the number of processes.
        words: the arguments after `nntasks`.
        run: the present or future folder of the run, for the message on how to continue.
        stopped: called with the signal that stopped the processes, if one did.
    """
    memory.require(nproc * _LEAST_MEMORY, f"--nproc {nproc}", "start fewer processes")
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    threads = max((os.cpu_count() or 1) // nproc, 1)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "FATAL")  # the error is printed here, in one line
    begun = time.time()
    with tempfile.TemporaryDirectory(prefix="nntasks-launch-") as folder:
        os.environ[LAUNCHER] = f"{os.getpid()} {folder}"
        try:
            program, *arguments = child_command(words)
            elastic_launch(_config(nproc, folder), program)(*arguments)
        except ChildFailedError as error:
            return _explain(error.failures, Path(folder), _resumable(run, begun))
        except (KeyboardInterrupt, SignalException) as error:
            stopped(getattr(error, "sigval", signal.SIGINT))
            errors = _errors(Path(folder))
            _print(errors[0][1] if errors else "interrupted")
            return _STOPPED
        finally:
            del os.environ[LAUNCHER]
    return 0


def _config(nproc: int, folder: str) -> LaunchConfig:
    # Only the main process prints; the others would print the same.
    quiet = dict.fromkeys(range(1, nproc), Std.ERR)
    return LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=nproc,
        run_id=f"nntasks-{os.getpid()}",
        rdzv_backend="c10d",
        rdzv_endpoint="127.0.0.1:0",
        max_restarts=0,
        signals_to_handle=",".join([number.name for number in stopping.ALL] + _ALSO),
        logs_specs=DefaultLogsSpecs(log_dir=folder, redirects=quiet),
    )


def _explain(failures: dict[int, Any], folder: Path, run: Path | None) -> int:
    """Print in one line why the run ended and return its exit code."""
    for rank, failure in failures.items():
        if failure.exitcode < 0 and -failure.exitcode != signal.SIGTERM:
            name = signal.Signals(-failure.exitcode).name
            again = f"; continue with: nntasks run --resume {run}" if run else ""
            reason = _last_line(folder, rank) if name == "SIGABRT" else ""
            _print(f"process {rank} (pid {failure.pid}) was ended by {name}{reason}{again}")
            return 1
    for code, line in _errors(folder):
        _print(line)
        return code
    rank, first = min(failures.items(), key=lambda item: item[1].timestamp)
    sys.stderr.write(_stderr(folder, rank))
    return first.exitcode if first.exitcode > 0 else 1


def _stderr(folder: Path, rank: int) -> str:
    """Return what a process printed to stderr; empty for the main one, which prints here."""
    logs = folder.glob(f"**/{rank}/stderr.log")
    return "".join(log.read_text(encoding="utf-8", errors="replace") for log in logs)


def _last_line(folder: Path, rank: int) -> str:
    """Return the last line that a process printed; C and C++ print there why they abort."""
    lines = [line.strip() for line in _stderr(folder, rank).splitlines() if line.strip()]
    return f" ({clean(lines[-1])[:200]})" if lines else ""


def _errors(folder: Path) -> list[tuple[int, str]]:
    """Return the exit codes and messages of the processes; those that others stopped come last."""
    found = []
    for file in sorted(folder.glob("error-*")):
        code, _, line = file.read_text(encoding="utf-8").partition(" ")
        found.append((int(code), line))
    return sorted(found, key=lambda error: error[0] == _STOPPED or error[1].startswith(PEER_LOST))


def _resumable(run: Path, begun: float) -> Path | None:
    """Return the run's folder if it existed before or was created since."""
    config = run / "config.yaml"
    if run.name == "latest" and (not config.is_file() or config.stat().st_mtime < begun - 1):
        return None
    return run.resolve()


def _print(line: str) -> None:
    print(f"nntasks: {line}", file=sys.stderr)
