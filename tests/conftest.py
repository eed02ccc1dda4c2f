"""What all tests share: the toy plugin, the command line in a process of its own, real data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import property_tests  # noqa: F401 - loads the profile before any test file is imported
import pytest
from command_line import ROOT, TOY, cli_environment

# These test the packages that `make wheel` has built, and run by `make check-wheel`.
collect_ignore = [] if os.environ.get("NNTASKS_DIST") else ["installed"]

if "PYTEST_XDIST_WORKER" in os.environ:  # a process a core: threads would only be in the way
    os.environ.setdefault("OMP_NUM_THREADS", "1")


# Files of slow tests that take minutes: they come first, so that no process is left with one at the
# end while the others have nothing to do.
LONGEST = (
    "test_notebooks.py",
    "test_blocks.py",
    "test_site_notebooks.py",
    "test_gallery_of_tasks.py",
)


def pytest_collection_modifyitems(items):
    def rank(item):
        name = item.path.name
        long = item.get_closest_marker("slow") and name in LONGEST
        return LONGEST.index(name) if long else len(LONGEST)

    items.sort(key=rank)  # stable: a file's tests stay together


@pytest.fixture
def toy(monkeypatch):
    """Have the toy plugin installed in this process."""
    monkeypatch.syspath_prepend(str(TOY))


@pytest.fixture
def cli():
    """Return a function that runs `python -m nntasks WORDS` and returns the finished process."""

    def call(*words, plugins=(TOY,), cwd=None, timeout=300, **environment):
        return subprocess.run(
            [sys.executable, "-m", "nntasks", *map(str, words)],
            cwd=cwd,
            env=cli_environment(plugins, **environment),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return call


@pytest.fixture
def cli_here(capsys, toy, monkeypatch):
    """Return a function that runs the command line in this process: no start-up, the same words.

    For calls whose words and files matter; signals, imports and exits need `cli`.
    """
    import nntasks.cli

    monkeypatch.setenv("COLUMNS", "100")

    def call(*words, cwd=None):
        if cwd is not None:
            monkeypatch.chdir(cwd)
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            nntasks.cli.main(list(map(str, words)))
        printed = capsys.readouterr()
        return subprocess.CompletedProcess(words, end.value.code or 0, printed.out, printed.err)

    return call


@pytest.fixture(scope="session")
def real_data():
    """Return the folder of real data sets; skip where there is none."""
    named = os.environ.get("NNTASKS_DATA")
    root = Path(named) if named else ROOT.parent / "shared" / "data"
    if not (root / "coco128").is_dir():
        pytest.skip("needs the real data sets: set NNTASKS_DATA to their folder")
    return root.resolve()
