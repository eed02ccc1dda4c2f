"""The command line in forked processes, for scripts that call it hundreds of times.

A fork begins with everything imported, which takes longer than the runs of these scripts. So kills,
too, come while a run is at work and not while Python is starting. The modules to import are those
that the first call of each command has loaded.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # no threads, which would not survive a fork

import contextlib
import importlib
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
KILLED = -signal.SIGKILL


class Calls:
    """Calls of the command line.

    Args:
        place: a folder for what the calls print.
    """

    def __init__(self, place: Path) -> None:
        self._errors, self._modules = place / "stderr", place / "modules"
        self._known: set[str] = set()

    def finish(self, words: list[str], env: dict[str, str]) -> tuple[int, list[str]]:
        """Call, and return the exit code and the lines of stderr."""
        self._errors.write_bytes(b"")
        code = self._wait(self._start(words, env), None)
        self._import()
        return code, self._errors.read_text(errors="replace").strip().splitlines()

    def kill(self, words: list[str], env: dict[str, str], seconds: float) -> bool:
        """Call, and kill the process after so many seconds; return whether it was at work."""
        return self._wait(self._start(words, env), seconds) == KILLED

    def _start(self, words: list[str], env: dict[str, str]) -> int:
        process = os.fork()
        if process:
            return process
        code = 70
        try:
            self._become(env)
            code = _call(words)
            self._modules.write_text("\n".join(sorted(sys.modules)))
        finally:
            os._exit(code)

    def _become(self, env: dict[str, str]) -> None:
        """Make this process the one that a shell would have started."""
        os.environ.clear()
        os.environ.update(env)
        out = os.open(os.devnull, os.O_WRONLY)
        err = os.open(self._errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.chdir(ROOT)
        sys.path[1:1] = [entry for entry in env.get("PYTHONPATH", "").split(os.pathsep) if entry]

    def _wait(self, process: int, seconds: float | None) -> int:
        """Return the exit code; after `seconds` the process is killed."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            done, status = os.waitpid(process, 0 if end is None else os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            if end is not None and time.monotonic() > end:
                os.kill(process, signal.SIGKILL)
                end = None
            time.sleep(0.005)

    def _import(self) -> None:
        """Import what a call has loaded, so that the next fork has it."""
        loaded = set(self._modules.read_text().split("\n")) if self._modules.exists() else set()
        for name in sorted(loaded - self._known - set(sys.modules)):
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        self._known |= loaded


def _call(words: list[str]) -> int:
    from nntasks.cli import main

    try:
        main(words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
        return 1
    return 0
