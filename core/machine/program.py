"""Starting this package as a program so that the working directory takes nothing's place.

`python -m NAME` and `python -c CODE` put the working directory in front of every other place that
modules come from. A user may stand in a project with a `core/`, a `plugins/` or a `random.py` of
its own; these must not be imported in place of ours or of the standard library's.

Imports `os` and `sys` alone: both are loaded before the working directory is searched.
"""

from __future__ import annotations

import os
import sys

import nntasks

_CODE = "import sys; sys.path[:] = {path!r}; from nntasks.cli import main; main()"


def forget_working_directory() -> None:
    """Take the working directory from the search path if `python -m` has put it there.

    It stays where the package itself lies in it: in a clone that is not installed. A directory that
    PYTHONPATH or a .pth file names is meant to be searched, and stays in the place they give it.
    """
    sys.path[:] = search_path()


def search_path() -> list[str]:
    """Return the search path of modules without the working directory that Python put in front."""
    path = list(sys.path)
    if path and _is_working_directory(path[0]) and not _is_wanted(path[0]):
        del path[0]
    return path


def child_command(words: list[str]) -> list[str]:
    """Return the command that runs the command line in another process.

    The child has this process's search path, entry by entry, so that it finds the same package, the
    same plugins and the same standard library wherever it is started. Python 3.10 has no option for
    that, and `-I` would ignore PYTHONPATH.

    Args:
        words: what follows `nntasks` on the command line.
    """
    return [sys.executable, "-c", _CODE.format(path=search_path()), *words]


def _is_working_directory(place: str) -> bool:
    return place in ("", os.curdir) or _same(place, os.curdir)


def _is_wanted(place: str) -> bool:
    """Return whether a place is searched on purpose, not for being the working directory."""
    package = nntasks.__path__[0]
    wanted = [os.path.dirname(os.path.abspath(package)), os.path.dirname(os.path.realpath(package))]
    if not sys.flags.ignore_environment:
        wanted += [name for name in os.environ.get("PYTHONPATH", "").split(os.pathsep) if name]
    return any(_same(place or os.curdir, name) for name in wanted)


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them is not there
        return False
