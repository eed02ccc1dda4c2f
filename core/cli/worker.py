"""The process that executes one planned run, wherever a launcher has started it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from nntasks.cli import main as command_line
from nntasks.experiments.planned_run import STDERR, STOPPED, PlannedRun
from nntasks.machine.stopping import OF_SCHEDULERS
from nntasks.storage import claims

IN_OTHER_HANDS = 75  # another living process has claimed the run


def main() -> None:
    """Execute the planned run that the command line names, and exit with its exit code."""
    for number in OF_SCHEDULERS:
        signal.signal(number, signal.default_int_handler)
    try:
        code = execute(Path(sys.argv[1]), sys.argv[2])
    except KeyboardInterrupt:
        code = STOPPED
    sys.exit(code)


def execute(folder: Path, owner: str) -> int:
    """Claim the planned run in `folder` and execute it, unless it is done or in other hands."""
    run = PlannedRun.read(folder)
    if run.finished() is not None:
        return 0
    claim = claims.take(folder, owner, _end_at_once)
    if claim is None:
        return IN_OTHER_HANDS
    code = STOPPED
    try:
        # Another process may have finished it between the look and the claim.
        code = 0 if run.finished() is not None else _run(run)
    finally:
        claim.release(code)
    return code


def _run(run: PlannedRun) -> int:
    """Run `nntasks` in this process; what it prints goes to the run's folder."""
    _print_to(run.folder / STDERR)
    try:
        command_line(run.words())
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _print_to(file: Path) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _end_at_once() -> None:
    """End without another byte: the run is in other hands."""
    os.write(2, b"nntasks: this process was cut off for too long; another one goes on\n")
    os._exit(1)
