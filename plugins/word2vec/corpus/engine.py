"""The choice between the compiled inner loops and their Python reference.

The switch is that of the kernels: `NNTASKS_OPS` and `nntasks.ops.use` choose here too.
NNTASKS_LIBRARY=none behaves as if nothing were compiled; if it names a library, the compiled loops
are searched for in the folder of that library first.
"""

from __future__ import annotations

import functools
import importlib.machinery
import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError

_NAME = "nntasks.plugins.word2vec.corpus._corpus"


def chosen() -> Any:
    """Return the module in use: `_corpus` (compiled) or `reference`.

    Raises:
        UsageError: native code is required, but not compiled for this Python.
    """
    from nntasks import ops  # imports torch

    compiled = None if ops.mode() == "python" else _compiled()
    if compiled is not None:
        return compiled
    if ops.mode() == "native":
        raise UsageError(
            "native kernels are asked for, but the corpus reader is not compiled for this Python; "
            "install with `pip install --no-build-isolation -e .`, or choose NNTASKS_OPS=auto"
        )
    from nntasks.plugins.word2vec.corpus import reference

    return reference


def active() -> str:
    """Return the implementation in use: "native" or "python"."""
    return "native" if chosen().__name__.endswith("_corpus") else "python"


def _compiled() -> Any:
    library = os.environ.get("NNTASKS_LIBRARY", "")
    if library == "none":
        return None
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    here = Path(__file__).parent
    for folder in (*([Path(library).parent] if library else []), here):
        file = folder / f"_corpus{importlib.machinery.EXTENSION_SUFFIXES[0]}"
        if file.exists():
            return _load(file)
    for file in sorted(here.glob("_corpus.*.so")):
        _say_unfit(file, "is for another Python")
    return None


def _load(file: Path) -> Any:
    """Import a compiled module from its file. If that fails, warn and return None."""
    from nntasks.ops._shared_file import why_not_loadable

    spec = importlib.util.spec_from_file_location(_NAME, file)
    assert spec is not None
    assert spec.loader is not None
    reason = why_not_loadable(file)
    if not reason:
        try:
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        except ImportError as error:
            reason = str(error)
        else:
            sys.modules[_NAME] = module
            return module
    _say_unfit(file, f"does not load ({reason})")
    return None


@functools.cache
def _say_unfit(file: Path, why: str) -> None:
    """Warn once that the compiled reader cannot be used."""
    print(
        f"nntasks: the compiled corpus reader {file.name} {why}; the Python reader serves, slower "
        "and with the same results",
        file=sys.stderr,
    )
