"""Warnings and log messages of a copy of this process, said again by this process."""

from __future__ import annotations

import logging
import logging.handlers
import queue
import warnings
from collections.abc import Iterable
from typing import Any, TextIO


class Remarks(logging.handlers.QueueHandler):
    """Keeps what is warned of and logged, as values that can be pickled."""

    def __init__(self) -> None:
        self.kept: queue.SimpleQueue[Any] = queue.SimpleQueue()
        super().__init__(self.kept)  # prepares records so that they can be pickled

    def listen(self) -> None:
        """From now on keep everything and show nothing; a copy of a process does not go back."""
        logging.root.handlers[:] = [self]
        warnings.showwarning = self._keep_warning

    def taken(self) -> list[Any]:
        """Return what was kept, in order, and forget it."""
        return [self.kept.get_nowait() for _ in range(self.kept.qsize())]

    def _keep_warning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        self.kept.put((str(message), category, filename, lineno))


def say_again(remarks: Iterable[Any]) -> None:
    """Warn and log in this process what `Remarks` kept in another; each warning once."""
    said: dict[Any, int] = {}
    for remark in remarks:
        if isinstance(remark, logging.LogRecord):
            logging.getLogger(remark.name).handle(remark)
        else:
            message, category, filename, lineno = remark
            warnings.warn_explicit(message, category, filename, lineno, registry=said)
