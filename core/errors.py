"""The errors that a user can meet, each with its exit code.

Every message has one form: what was expected, what was found, and what to do. The command line
prints it as one line and exits with `exit_code`; a traceback appears only with `--debug`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any


class NNTasksError(Exception):
    """The run failed (exit code 1); base class of all errors that are shown as one line."""

    exit_code = 1


class RunFailed(NNTasksError):
    """Training or evaluation failed: the loss is not finite, or the disk is full."""


class Diverged(RunFailed):
    """Training gave a value that is not finite.

    Attributes:
        accident: what the black box of the run says about it.
    """

    def __init__(self, message: str, accident: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.accident = accident

    def __reduce__(self) -> tuple[Any, ...]:  # errors travel between processes by pickle
        return type(self), (str(self), self.accident)


class UsageError(NNTasksError):
    """A wrong command, key or value, or unreadable input (exit code 2)."""

    exit_code = 2


class MissingError(NNTasksError):
    """A data set or optional package is missing; the message says how to get it (exit code 3)."""

    exit_code = 3


class CheckFailed(NNTasksError):
    """A check failed: two numbers that must agree differ (exit code 4)."""

    exit_code = 4


class PluginError(NNTasksError):
    """A plugin broke its contract (exit code 5)."""

    exit_code = 5


class Interrupted(NNTasksError):
    """The user or a scheduler stopped the run, which saved a checkpoint (exit code 130).

    Attributes:
        number: the signal that stopped it; 0 if another process got it.
    """

    exit_code = 130
    number = 0


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x' or 'y'?`` for the names nearest to `name`, or an empty text."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
