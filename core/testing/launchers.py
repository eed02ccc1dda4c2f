"""The check of a launcher: it executes a command, and says how it ended."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from nntasks.errors import MissingError, UsageError
from nntasks.interfaces.launcher import Command, Job, Launcher
from nntasks.machine.program import isolated_command

_PATIENCE = 120.0  # seconds


def check_launcher(kind: type[Launcher]) -> None:
    """Check that a launcher with its default options executes two commands.

    Args:
        kind: the class of the launcher.

    Raises:
        AssertionError: it breaks its contract.
        MissingError: there is no cluster here on which it could be tried.
    """
    assert isinstance(kind, type), f"expected a class, got {kind!r}"
    assert issubclass(kind, Launcher), f"{kind.__name__} is no subclass of nntasks.Launcher"
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
        finally:
            launcher.close()


def _check_command(launcher: Launcher, folder: Path, code: int) -> None:
    folder.mkdir()
    program = f"open({str(folder / 'done')!r}, 'w').close(); raise SystemExit({code})"
    jobs = launcher.submit([Command(isolated_command(program), folder)])
    assert len(jobs) == 1, f"submit must return one job for each command, got {len(jobs)} for 1"
    job = jobs[0]
    assert isinstance(job, Job), f"submit must return nntasks.Job objects, got {type(job).__name__}"
    end = time.monotonic() + _PATIENCE
    while job.ended() is None and time.monotonic() < end:
        time.sleep(0.1)
    how = job.ended()
    assert how is not None, f"a command that takes no time has not ended in {_PATIENCE:g} seconds"
    assert isinstance(how, str), f"ended must return None or a text, got {how!r}"
    assert (folder / "done").is_file(), f"the command was not executed: {how}"
    job.stop()  # does nothing to a job that has ended
