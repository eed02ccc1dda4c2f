"""The process that runs a student's code, and a copy of it for each exercise.

It reads a request in JSON from standard input and writes an answer in JSON, a line for each
exercise, to the descriptor that the request names. The file is run once; then each exercise is
examined in a forked copy, so that one that hangs or crashes ends no other.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from typing import Any

from nntasks.grading.limits import (
    Limits,
    close_network,
    limit_memory_and_files,
    start_timer,
    stop_timer,
)


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.read())
    limits = Limits(**request["limits"])
    exercises = {
        name: _imported(target)() for name, target in request["exercises"].items()
    }  # before the network is closed and memory is limited: this code is not the student's
    sys.path.append(request["folder"])
    network = close_network()
    limit_memory_and_files(limits)
    start_timer(limits.seconds)
    found, problem = _run(request["pieces"])
    stop_timer()
    _say(request["answers"], {"network": network, "problem": problem})
    if problem:
        return
    for name, exercise in exercises.items():
        if name in found:
            _examine_in_a_copy(request, name, exercise, found[name])


def _imported(target: str) -> Any:
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _run(pieces: list[Mapping[str, str]]) -> tuple[dict[str, Any], str]:
    """Run a file's pieces in one namespace; return it, and what stopped it.

    A script stops at its first error. Of a notebook, the cells after it are run, too, as a student
    may have left one exercise unfinished.
    """
    space: dict[str, Any] = {"__name__": "student"}
    for piece in pieces:
        try:
            exec(compile(piece["code"], f"<student: {piece['label']}>", "exec"), space)
        except BaseException as error:  # whatever a student's code raises
            if len(pieces) == 1:
                return space, _described(error)
    return space, ""


def _described(error: BaseException) -> str:
    text = " ".join(str(error).split())
    own = [
        f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith("<student: ")
    ]
    line = f" (line {own[-1].lineno})" if own else ""
    return f"{type(error).__name__}: {text}{line}"


def _examine_in_a_copy(request: Mapping[str, Any], name: str, exercise: Any, student: Any) -> None:
    copy = os.fork()
    if not copy:
        try:
            start_timer(request["limits"]["seconds"])
            _examine(request, name, exercise, student)
        finally:
            os._exit(0)
    _, status = os.waitpid(copy, 0)
    if os.WIFSIGNALED(status):
        ended = os.WTERMSIG(status)
        reason = signal.Signals(ended).name
        if ended in (signal.SIGALRM, signal.SIGPROF):
            reason = f"takes longer than {request['limits']['seconds']:g} s"
        _say(request["answers"], {"exercise": name, "ended": reason})


def _examine(request: Mapping[str, Any], name: str, exercise: Any, student: Any) -> None:
    from nntasks.grading.examination import examine

    _say(request["answers"], {"exercise": name, "checks": [c.name for c in exercise.checks()]})
    for verdict in examine(name, exercise, student, request["seed"]):
        _say(request["answers"], {"exercise": name, "verdict": verdict.to_dict()})


def _say(descriptor: int, answer: Mapping[str, Any]) -> None:
    os.write(descriptor, f"{json.dumps(answer)}\n".encode())
