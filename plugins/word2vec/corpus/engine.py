"""The choice between the compiled inner loops and their Python reference.

NNTASKS_OPS=auto|native|python chooses, as for the kernels of `nntasks.ops`; NNTASKS_LIBRARY=none
behaves as if nothing were compiled, and a path there names the folder of another build.
"""

from __future__ import annotations

import functools
import importlib
import importlib.machinery
import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError

_NAME = "nntasks.plugins.word2vec.corpus._corpus"


def chosen() -> Any:
    """Return the module that serves: `_corpus` (compiled) or `reference`.

    Raises:
        UsageError: NNTASKS_OPS=native, and nothing is compiled for this Python.
    """
    mode = os.environ.get("NNTASKS_OPS", "auto") or "auto"
    compiled = None if mode == "python" else _compiled()
    if compiled is not None:
        return compiled
    if mode == "native":
        raise UsageError(
            "NNTASKS_OPS=native: the corpus reader is not compiled for this Python; install with "
            "`pip install --no-build-isolation -e .`, or leave the variable out"
        )
    from nntasks.plugins.word2vec.corpus import reference

    return reference


def active() -> str:
    """Return which of them serves: "native" or "python"."""
    return "native" if chosen().__name__.endswith("_corpus") else "python"


def _compiled() -> Any:
    library = os.environ.get("NNTASKS_LIBRARY", "")
    if library == "none":
        return None
    if library:
        beside = Path(library).with_name("_corpus" + importlib.machinery.EXTENSION_SUFFIXES[0])
        if beside.exists() and _NAME not in sys.modules:
            spec = importlib.util.spec_from_file_location(_NAME, beside)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            sys.modules[_NAME] = module
    try:
        return importlib.import_module(_NAME)
    except ImportError as error:
        for file in sorted(Path(__file__).parent.glob("_corpus.*.so")):
            _say_unfit(file, str(error))
        return None


@functools.cache
def _say_unfit(file: Path, error: str) -> None:
    """Say once that a compiled reader is there and does not serve."""
    fits = file.name.endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES))
    why = f"does not load ({error})" if fits else "is for another Python"
    print(
        f"nntasks: the compiled corpus reader {file.name} {why}; the Python reader serves, slower "
        "and with the same results",
        file=sys.stderr,
    )
