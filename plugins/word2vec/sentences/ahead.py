"""An iterator that is read one item ahead, in a thread: reading and training overlap."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")

_WAIT = 0.1  # seconds between looks at whether anybody still listens


def one_ahead(source: Iterator[Item]) -> Iterator[Item]:
    """Yield the items of `source`, which is read in a thread while the last one is in use.

    An error of `source` is raised here, in its place. The thread ends with the iteration.
    """
    ready: queue.Queue[Any] = queue.Queue(1)
    left = threading.Event()

    def put(kind: str, value: Any) -> bool:
        while not left.is_set():
            try:
                ready.put((kind, value), timeout=_WAIT)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        try:
            for item in source:
                if not put("item", item):
                    return
        except BaseException as error:
            put("error", error)
        else:
            put("end", None)

    reader = threading.Thread(target=read, name="nntasks-sentences", daemon=True)
    reader.start()
    try:
        while True:
            kind, value = ready.get()
            if kind == "error":
                raise value
            if kind == "end":
                return
            yield value
    finally:
        left.set()
        reader.join()
