"""Runs that two notebooks share: `nt.run` with the same words copies a run instead of repeating it.

Both forms of a notebook train the same models. The form that comes first trains them; the other
gets copies of the folders, which are whole runs, model and all. `startup` makes kernels do so.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
from pathlib import Path

import nntasks as nt
from nntasks.run_folder import latest

STORE = "NNTASKS_TESTS_SHARED_RUNS"


def startup(ipython: Path) -> None:
    """Write a settings folder of IPython whose kernels share runs."""
    place = ipython / "profile_default" / "startup"
    place.mkdir(parents=True)
    tests = str(Path(__file__).parent)
    (place / "00-shared-runs.py").write_text(
        f"import sys; sys.path.append({tests!r}); import shared_runs; shared_runs.install()\n"
        "sys.path.remove(sys.path[-1]); del sys, shared_runs\n"
    )


def install() -> None:
    """Replace `nt.run` by one that keeps runs in the folder that the environment names."""
    nt.run = shared(nt.run, Path(os.environ[STORE]))


def shared(run, store: Path):
    """Return `run`, but that a call with the same arguments gets a copy of what the first gave."""

    @functools.wraps(run)
    def call(task, **keys):
        text = json.dumps([task, keys], sort_keys=True, default=str)
        kept = store / hashlib.sha256(text.encode()).hexdigest()[:16]
        if "out" in keys:
            return run(task, **keys)
        if not kept.exists():
            result = run(task, **keys)
            shutil.copytree(result.folder, kept / result.folder.name)
            return result
        (folder,) = kept.iterdir()
        copy = Path("runs") / task / folder.name
        if not copy.exists():  # the same notebook may ask twice
            shutil.copytree(folder, copy)
        latest.link(copy, print)
        return nt.load(copy)

    return call
