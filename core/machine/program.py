"""Start this package so that the working directory cannot shadow its modules.

`python -m NAME` and `python -c CODE` put the working directory first on the module search path. The
user's project may contain a `core/`, a `plugins/` or a `random.py`, which must not replace our
modules or those of the standard library.

This module imports only `os` and `sys`, which are loaded before the working directory is searched.
"""

from __future__ import annotations

import os
import sys

import nntasks

_CODE = "import sys; sys.path[:] = {path!r}; from {module} import main; main()"


def forget_working_directory() -> None:
    """Remove the working directory from the search path if `python -m` put it there.

    It stays if it contains this package, as in a clone that is not installed. Directories from
    PYTHONPATH or a .pth file keep their place.
    """
    sys.path[:] = search_path()


def search_path() -> list[str]:
    """Return the module search path without the working directory that Python put first."""
    path = list(sys.path)
    if path and _is_working_directory(path[0]) and not _is_wanted(path[0]):
        del path[0]
    return path


def child_command(words: list[str], module: str = "nntasks.cli") -> list[str]:
    """Return the command that runs `nntasks WORDS` in another process.

    The child gets this process's search path, so that it finds the same package, plugins and
    standard library in any working directory. Python 3.10 has no option for that, and `-I` would
    ignore PYTHONPATH.

    Args:
        words: the arguments after `nntasks`.
        module: whose `main` runs.
    """
    return [sys.executable, "-c", _CODE.format(path=search_path(), module=module), *words]


def isolated_command(code: str) -> list[str]:
    """Return the command that runs a program that needs the standard library alone."""
    return [sys.executable, "-I", "-c", code]


def _is_working_directory(place: str) -> bool:
    return place in ("", os.curdir) or _same(place, os.curdir)


def _is_wanted(place: str) -> bool:
    """Return whether a directory is on the path even if it is not the working directory."""
    package = nntasks.__path__[0]
    wanted = [os.path.dirname(os.path.abspath(package)), os.path.dirname(os.path.realpath(package))]
    if not sys.flags.ignore_environment:
        wanted += [name for name in os.environ.get("PYTHONPATH", "").split(os.pathsep) if name]
    return any(_same(place or os.curdir, name) for name in wanted)


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them does not exist
        return False
