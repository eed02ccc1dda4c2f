"""Launchers: where the runs of `ablate` and `tune` are executed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.config import Options


@dataclass(frozen=True)
class Command:
    """One command to execute.

    Attributes:
        words: the program and its arguments. It finds its work by an absolute path, needs no
            standard streams, and does nothing if its work is done or in other hands. On SIGTERM,
            SIGINT or SIGUSR1 it writes a checkpoint and ends; started again, it goes on from there.
        folder: a folder of its own, which exists, for logs; shared by all machines.
    """

    words: Sequence[str]
    folder: Path


class Job(ABC):
    """A command that was handed over."""

    @abstractmethod
    def ended(self) -> str | None:
        """Return None while it waits or runs, then how it ended: "exit code 1", "TIMEOUT".

        Asked often; whoever must ask a busy server remembers the answer for a while. Not whether
        the work succeeded, which its folder tells.
        """

    @abstractmethod
    def stop(self) -> None:
        """Send SIGTERM, or take it off the queue; return at once."""


class Launcher(ABC):
    """Executes commands on this machine, a cluster, or whatever a plugin brings.

    Attributes:
        Config: the keys that users set as `launcher.KEY=VALUE`.
        at_once: how many commands `submit` may be given before one has ended.
    """

    Config: type[Options] = Options
    at_once: int = 1

    def __init__(self, config: Any, *, folder: Path, jobs: int | None) -> None:
        """Prepare for commands.

        Args:
            config: a `Config`.
            folder: of the ablation or the search, for files of the launcher; shared by all
                machines.
            jobs: how many commands the user wants to run at a time; None if the user did not say.

        Raises:
            UsageError, MissingError: it cannot be used here; says what to do in one line.
        """
        self.config = config
        self.folder = folder
        self.jobs = jobs
        self.at_once = jobs or type(self).at_once

    @abstractmethod
    def submit(self, commands: Sequence[Command]) -> Sequence[Job]:
        """Hand over commands; return one job for each.

        Raises:
            RunFailed: the cluster refuses them; says why in one line.
        """

    def close(self) -> None:  # noqa: B027 - most have nothing to do
        """Release what the launcher holds; all its jobs have ended or were stopped."""
