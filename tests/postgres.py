"""A PostgreSQL server of the tests' own, in a folder, reached by a socket there."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

# A server refuses to run as root; then it runs as this user.
_INSTEAD_OF_ROOT = "nobody"


def _program(name: str) -> str | None:
    """Return a program of PostgreSQL: on the PATH, or where Debian puts it."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Start a server; yield the address of its database; skip where there is no PostgreSQL."""
    pytest.importorskip("psycopg", reason="needs psycopg: python -m pip install 'psycopg[binary]'")
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("needs PostgreSQL: initdb and postgres are not on the PATH")
    user = {"user": _INSTEAD_OF_ROOT} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # a socket's path must be short
        if user:
            shutil.chown(folder, _INSTEAD_OF_ROOT)
        data = f"{folder}/data"
        make = [initdb, "-D", data, "-U", "tester", "-A", "trust", "--no-sync"]
        subprocess.run(make, check=True, capture_output=True, cwd=folder, **user)
        serve = [postgres, "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        server = subprocess.Popen(
            serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **user
        )
        try:
            _wait(server, folder)
            yield f"postgresql+psycopg://tester@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # without waiting for clients
            server.wait(60)


def _wait(server: subprocess.Popen[bytes], folder: str) -> None:
    import psycopg

    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=folder, user="tester", dbname="postgres").close()
            return
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start")
