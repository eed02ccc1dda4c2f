"""Progress in a notebook: one line that changes in place."""

from __future__ import annotations

import importlib
import sys
import time
from typing import Any

_PAUSE = 0.2  # seconds between two updates
_CELLS = 30  # length of the bar


def is_running() -> bool:
    """Return whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")  # a kernel has imported it
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


class Bar:
    """A bar in the output of the running cell; it is empty when the work is done."""

    def __init__(self, what: str, total: int) -> None:
        # without IPython's annotations, which are not there wherever this is type-checked
        display: Any = importlib.import_module("IPython.display").display
        self._what, self._total = what, total
        self._done, self._note = 0, ""
        self._shown_at = time.monotonic()
        self._handle: Any = display({"text/plain": self._line()}, raw=True, display_id=True)

    def advance(self, count: int = 1, note: str | None = None) -> None:
        """Move the bar; `note` replaces the text after it."""
        self._done += count
        self._note = self._note if note is None else note
        if time.monotonic() - self._shown_at >= _PAUSE:
            self._shown_at = time.monotonic()
            self._handle.update({"text/plain": self._line()}, raw=True)

    def close(self) -> None:
        """Remove the bar."""
        self._handle.update({"text/plain": ""}, raw=True)

    def _line(self) -> str:
        filled = _CELLS * min(self._done, self._total) // max(self._total, 1)
        bar = "█" * filled + "░" * (_CELLS - filled)
        return f"{self._what} {bar} {self._done}/{self._total} {self._note}".rstrip()
