"""A compiled module of the host (csrc/host), or its Python reference.

The switch is that of the kernels: `NNTASKS_OPS` and `nntasks.ops.use` choose here too.
NNTASKS_LIBRARY=none behaves as if nothing were compiled; if it names a library, the module is
searched for in the folder of that library first.
"""

from __future__ import annotations

import functools
import importlib
import importlib.machinery
import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.errors import UsageError


@dataclass(frozen=True)
class HostModule:
    """A compiled module and what serves without it.

    Attributes:
        name: full name of the compiled module, for instance `nntasks.plugins.x._fast`.
        folder: where its file is.
        reference: full name of the module that does the same in Python.
        what: what it is in words, for messages: "corpus reader".
    """

    name: str
    folder: Path
    reference: str
    what: str

    def chosen(self) -> Any:
        """Return the module in use, compiled or reference.

        Raises:
            UsageError: native code is required, but not compiled for this Python.
        """
        mode = _mode()
        compiled = None if mode == "python" else self.compiled()
        if compiled is not None:
            return compiled
        if mode == "native":
            raise UsageError(
                f"native kernels are asked for, but the {self.what} is not compiled for this "
                "Python; install with `pip install --no-build-isolation -e .`, or choose "
                "NNTASKS_OPS=auto"
            )
        return importlib.import_module(self.reference)

    def active(self) -> str:
        """Return the implementation in use: "native" or "python"."""
        return "python" if self.chosen().__name__ == self.reference else "native"

    def compiled(self) -> Any:
        """Return the compiled module, or None where there is none."""
        library = os.environ.get("NNTASKS_LIBRARY", "")
        if library == "none":
            return None
        if self.name in sys.modules:
            return sys.modules[self.name]
        stem = self.name.rpartition(".")[2]
        for folder in (*([Path(library).parent] if library else []), self.folder):
            file = folder / f"{stem}{importlib.machinery.EXTENSION_SUFFIXES[0]}"
            if file.exists():
                return self.load(file)
        unfit = sorted(self.folder.glob(f"{stem}.*.so"))
        if unfit:  # a clone may have those of several Pythons; one line says it
            _say_unfit(self.what, unfit[0], "is for another Python")
        return None

    def load(self, file: Path) -> Any:
        """Import the module from its file. If that fails, warn and return None."""
        spec = importlib.util.spec_from_file_location(self.name, file)
        assert spec is not None
        assert spec.loader is not None
        reason = _shared_file().why_not_loadable(file)
        if not reason:
            try:
                module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
            except ImportError as error:
                reason = str(error)
            else:
                sys.modules[self.name] = module
                return module
        _say_unfit(self.what, file, f"does not load ({reason})")
        return None


def _mode() -> str:
    """Return the mode of the kernels, without loading them: that takes torch and seconds."""
    loaded = sys.modules.get("nntasks.ops")
    if loaded is None and os.environ.get("NNTASKS_OPS", "") in ("", "auto"):
        return "auto"
    from nntasks import ops  # refuses what the variable may not be

    return ops.mode()


@functools.cache
def _shared_file() -> Any:
    """Return `nntasks.ops._shared_file`, from its file: the package would load torch."""
    file = Path(__file__).parents[1] / "ops" / "_shared_file.py"
    spec = importlib.util.spec_from_file_location("nntasks.machine._shared_file", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def _say_unfit(what: str, file: Path, why: str) -> None:
    """Warn once that a compiled module cannot be used."""
    print(
        f"nntasks: the compiled {what} {file.name} {why}; the Python one serves, slower and with "
        "the same results",
        file=sys.stderr,
    )
