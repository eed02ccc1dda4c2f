"""`latest`, the link to a task's newest run."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

NAME = "latest"


def link(run: Path, say: Callable[[str], None]) -> None:
    """Point `latest` to `run`; report in one line if that fails."""
    place = run.parent / NAME
    if place.exists() and not place.is_symlink():
        say(
            f"warning: {place} is not a link but a copy, and does not name {run.name}, the newest "
            "run; move it away, and the next run will be linked"
        )
        return
    temporary = place.with_name(f".{NAME}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.symlink_to(run.name, target_is_directory=True)
        os.replace(temporary, place)
    except OSError:  # a file system without links; the run is complete without it
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def give_back(run: Path, say: Callable[[str], None]) -> None:
    """Point `latest` to the newest finished run if it points to `run`, which failed."""
    place = run.parent / NAME
    older = newest_finished(run.parent)
    if older is None or not place.is_symlink() or place.resolve() != run.resolve():
        return
    link(older, say)
    say(f"{place} names {older.name} again, the newest finished run; this one is {run}")


def newest_finished(parent: Path) -> Path | None:
    """Return the newest of a task's runs that has a summary, if there is one."""
    runs = sorted(path.parent for path in parent.glob("[!.]*/summary.json"))
    return next((run for run in reversed(runs) if run.name != NAME), None)


def names(run: Path) -> bool:
    """Return whether `latest` names this run."""
    place = run.parent / NAME
    return place.is_symlink() and place.resolve() == run.resolve()


def replace_dangling(parent: Path, say: Callable[[str], None]) -> None:
    """Point a `latest` whose run is gone to the newest finished run, or remove it."""
    place = parent / NAME
    if not place.is_symlink() or place.exists():
        return
    newest = newest_finished(parent)
    if newest is not None:
        link(newest, say)
    else:
        place.unlink(missing_ok=True)
