"""Processes with everything imported, for the programs of the pages: `python -m pages.server PATH`.

A page calls `nntasks` a dozen times, and every start of Python with torch takes seconds. Here one
process has imported what the verbs import, and forks for every request of `pages.client`. The copy
becomes the process that the client would have started: its words, folder, environment, streams,
search path and packages.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import site
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

_PATH = [entry for entry in sys.path if entry not in ("", os.getcwd())]  # `-m` put the folder there
_POLL = 0.01  # seconds


def preload() -> None:
    """Import what the verbs import."""
    from nntasks.machine.waiting import wait_asleep

    wait_asleep()  # before torch is loaded, as every verb does
    from nntasks.cli import VERBS
    from nntasks.registry import discover

    for module, _ in VERBS.values():
        importlib.import_module(module)
    registry = discover()
    for kind in ("tasks", "datasets", "metrics"):
        for entry in registry.entries(kind):
            registry.resolve(kind, entry.name)
    for module in ("torch", "scipy.stats", "nntasks.report.run_report", "nntasks.api"):
        importlib.import_module(module)


def serve(address: str) -> None:
    """Answer requests until this process is ended."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        while True:
            client, _ = listener.accept()
            with contextlib.suppress(ChildProcessError):  # reap those who have answered
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            if not os.fork():
                listener.close()
                _answer(client)
                os._exit(0)
            client.close()


def _answer(client: socket.socket) -> None:
    """Run the program of a request, and send its exit code; kill it if the client ends."""
    _, streams, _, _ = socket.recv_fds(client, 1, 3)
    request = json.loads(client.makefile("rb").readline())
    copy = os.fork()
    if not copy:
        client.close()
        _become(request, streams)
    while not os.waitid(os.P_PID, copy, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        if select.select([client], [], [], _POLL)[0]:
            os.killpg(copy, signal.SIGKILL)
            return
    code = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
    client.sendall(str(code if code >= 0 else 128 - code).encode())


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Be the process that the client would have started."""
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.executable = request["executable"]
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = [os.getcwd(), *filter(None, given), *_PATH]
    for packages in Path(sys.executable).parent.parent.glob("lib/python*/site-packages"):
        site.addsitedir(str(packages))
    importlib.invalidate_caches()
    module, *words = request["words"]
    sys.argv = [module, *words]
    os._exit(_run(module))


def _run(module: str) -> int:
    """Run a module as a program, as Python itself does; return its exit code."""
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    preload()
    serve(sys.argv[1])
