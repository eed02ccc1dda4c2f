"""The check of a launcher: it executes a command, and says how it ended."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nntasks.errors import MissingError, UsageError
from nntasks.interfaces.launcher import Command, Job, Launcher
from nntasks.machine.program import isolated_command

_PATIENCE = 120.0  # seconds


def check_launcher(kind: type[Launcher]) -> None:
    """Check that a launcher with its default options executes commands, and stops one.

    Args:
        kind: the class of the launcher.

    Raises:
        AssertionError: it breaks its contract.
        MissingError: there is no cluster here on which it could be tried.
    """
    assert isinstance(kind, type), f"expected a class, got {kind!r}"
    assert issubclass(kind, Launcher), f"{kind.__name__} is not a subclass of nntasks.Launcher"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            launcher = kind(kind.Config(), folder=folder, jobs=2)
        except UsageError as error:
            raise MissingError(f"it cannot be used here: {error}") from error
        assert launcher.at_once >= 1, f"at_once must be at least 1, got {launcher.at_once!r}"
        try:
            for code in (0, 3):
                _check_command(launcher, folder / str(code), code)
            _check_stop(launcher, folder / "stopped")
        finally:
            launcher.close()


def _check_command(launcher: Launcher, folder: Path, code: int) -> None:
    job = _submitted(launcher, folder, f"raise SystemExit({code})")
    how = _wait(job.ended)
    assert how is not None, f"a command that takes no time has not ended in {_PATIENCE:g} seconds"
    assert isinstance(how, str), f"ended must return None or a text, got {how!r}"
    assert (folder / "begun").is_file(), f"the command was not executed: {how}"
    job.stop()  # does nothing to a job that has ended


def _check_stop(launcher: Launcher, folder: Path) -> None:
    job = _submitted(launcher, folder, f"import time; time.sleep({3 * _PATIENCE})")
    _wait(lambda: True if (folder / "begun").is_file() else job.ended())
    how = job.ended()
    assert how is None, f"ended must return None while the command runs, got {how!r}"
    job.stop()
    how = _wait(job.ended)
    assert how is not None, f"stop must end a command, but it runs on after {_PATIENCE:g} seconds"


def _submitted(launcher: Launcher, folder: Path, then: str) -> Job:
    """Submit a command that writes a file `begun`, and then executes some more."""
    folder.mkdir()
    program = f"open({str(folder / 'begun')!r}, 'w').close(); {then}"
    jobs = launcher.submit([Command(isolated_command(program), folder)])
    assert len(jobs) == 1, f"submit must return one job for each command, got {len(jobs)} for 1"
    job = jobs[0]
    assert isinstance(job, Job), f"submit must return nntasks.Job objects, got {type(job).__name__}"
    return job


def _wait(question: Callable[[], Any]) -> Any:
    """Return the first answer that is not None; None if there is none in time."""
    end = time.monotonic() + _PATIENCE
    while (answer := question()) is None and time.monotonic() < end:
        time.sleep(0.1)
    return answer
