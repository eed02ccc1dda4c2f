"""Start the process that runs a student's code, and collect what it answers."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nntasks.errors import RunFailed
from nntasks.grading.limits import WAITING, Limits
from nntasks.grading.student_file import StudentFile
from nntasks.machine.program import child_command

_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ", "VIRTUAL_ENV")
_START = 120.0  # seconds for Python itself and our imports, on a busy machine


@dataclass(frozen=True)
class Answers:
    """What the process said.

    Attributes:
        network: what holds of "no network".
        problem: why the file could not be run; empty if it was.
        verdicts: rows of `Verdict` by exercise.
        checks: the names of the checks by exercise, as far as they began.
        ended: why an exercise ended early, by exercise.
    """

    network: str
    problem: str
    verdicts: Mapping[str, list[dict[str, Any]]]
    ended: Mapping[str, str]


def run_student(
    file: StudentFile, targets: Mapping[str, str], limits: Limits, seed: int
) -> Answers:
    """Run a student's file and examine its exercises in a process with limits.

    Args:
        file: the file.
        targets: "module:attribute" of each exercise's class, by name.
        limits: seconds and memory.
        seed: of the checks' inputs.
    """
    if not hasattr(os, "fork"):
        raise RunFailed("grading needs Linux or macOS, which can fork processes")
    request = {
        "pieces": [{"label": piece.label, "code": piece.code} for piece in file.pieces],
        "folder": str(file.path.resolve().parent),
        "exercises": dict(targets),
        "limits": asdict(limits),
        "seed": seed,
    }
    with tempfile.TemporaryDirectory(prefix="nntasks-grade-") as folder:
        lines = _served(request, folder, _START + WAITING * limits.seconds * (len(targets) + 2))
    return _collected(lines, limits)


def _served(request: dict[str, Any], folder: str, deadline: float) -> list[dict[str, Any]]:
    """Return the answers; whatever is left of the process after the deadline is killed."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as answers:
        try:
            process = subprocess.Popen(
                child_command([], "nntasks.grading.child"),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env=_environment(folder),
                pass_fds=[writing],
                start_new_session=True,
            )
        finally:
            os.close(writing)  # the child has its own copy
        timer = threading.Timer(deadline, _kill, [process.pid])
        timer.start()
        try:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError), process.stdin as stdin:
                stdin.write(json.dumps({**request, "answers": writing}).encode())
            text = answers.read()
            process.wait()
        finally:
            timer.cancel()
            _kill(process.pid)
            process.wait()
    return list(_parsed(text))


def _environment(folder: str) -> dict[str, str]:
    """Return a small environment: no tokens, one thread, a home that is thrown away."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith(("PYTHON", "NNTASKS_"))
    }
    return {
        **kept,
        "HOME": folder,
        "TMPDIR": folder,
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)


def _parsed(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        with contextlib.suppress(ValueError):  # the last line of a process that was killed
            yield json.loads(line)


def _collected(lines: list[dict[str, Any]], limits: Limits) -> Answers:
    verdicts: dict[str, list[dict[str, Any]]] = {}
    ended: dict[str, str] = {}
    for line in lines[1:]:
        name = line["exercise"]
        verdicts.setdefault(name, [])
        if "verdict" in line:
            verdicts[name].append(line["verdict"])
        elif "ended" in line:
            ended[name] = line["ended"]
    if not lines:
        problem = f"running it takes longer than {limits.seconds:g} s, or more memory than allowed"
        return Answers("", problem, {}, {})
    return Answers(lines[0]["network"], lines[0]["problem"], verdicts, ended)
