"""The command line as the tests call it: in a process of its own, with the plugins they name."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOY = ROOT / "tests" / "toy_plugin"
BROKEN = ROOT / "tests" / "broken_plugin"


def cli_environment(plugins=(TOY,), **more):
    """Return the environment in which the command line finds the given plugins."""
    path = os.pathsep.join([str(ROOT), *map(str, plugins)])
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "100", **more}


def digest(file):
    """Return the SHA-256 of a file: two that differ are told apart at once, whatever their size."""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()
