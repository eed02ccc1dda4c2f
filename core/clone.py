"""In a clone, one set of modules under two names.

The package is `nntasks`; its folders in a clone are called `core` and `plugins`. Imports
by these names return the modules of `nntasks` and `nntasks.plugins`, so that no class, op or
registry exists twice. An installed nntasks has neither `core` nor `plugins`.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

_PACKAGES = {"core": "nntasks", "plugins": "nntasks.plugins"}


class _AliasFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Resolves an import of `core.x` to the module `nntasks.x`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        folder, _, rest = fullname.partition(".")
        # `python -m core` executes `core.__main__`, which must be found in its own file.
        if folder not in _PACKAGES or rest in ("", "__main__"):
            return None
        if importlib.util.find_spec(f"{_PACKAGES[folder]}.{rest}") is None:
            return None
        return ModuleSpec(fullname, self)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        folder, _, rest = spec.name.partition(".")
        module = importlib.import_module(f"{_PACKAGES[folder]}.{rest}")
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restore the module's own spec, which the import system has just replaced."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


_finder = _AliasFinder()


def alias(folder: str) -> None:
    """Make a folder's name, `core` or `plugins`, an alias of its package."""
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    sys.modules[folder] = importlib.import_module(_PACKAGES[folder])
