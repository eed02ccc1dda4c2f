"""The signals that ask a run to write a checkpoint and end."""

from __future__ import annotations

import signal

# What schedulers send before they end a job; Slurm's --signal=USR1@90 among them.
OF_SCHEDULERS = tuple(
    getattr(signal, name)
    for name in ("SIGTERM", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)  # Windows has no user signals
)
ALL = (signal.SIGINT, *OF_SCHEDULERS)
