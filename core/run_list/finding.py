"""Find the runs below a folder, those of ablations and searches among them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from nntasks.errors import UsageError
from nntasks.run_folder.names import is_run_name
from nntasks.run_list.listed_run import ListedRun


def find(out: Path) -> list[ListedRun]:
    """Return all runs below `out`, the newest first.

    Raises:
        UsageError: `out` is no folder.
    """
    if not out.is_dir():
        raise UsageError(f"expected a folder of runs at {out}, found none; name one with --out")
    found = [ListedRun(path) for path in _runs(out)]
    return sorted(found, key=lambda run: (run.path.name, run.path), reverse=True)


def _runs(folder: Path) -> Iterator[Path]:
    if is_run_name(folder.name) or (folder / "config.yaml").is_file():
        yield folder
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # not ours to read
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
            yield from _runs(folder / entry.name)
