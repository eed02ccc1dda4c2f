"""The threads of NumPy's matrix products."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

import numpy  # noqa: F401  # the controller finds the libraries that are loaded by then
from threadpoolctl import ThreadpoolController  # comes with scikit-learn


def blas_threads(count: int) -> AbstractContextManager[object]:
    """Return a context manager in which NumPy's matrix products use so many threads.

    OpenBLAS shares out products that one thread finishes in microseconds, and its caller waits for
    the others in a loop. Beside a busy process, small networks then take many times as long.
    """
    return _controller().limit(limits=count, user_api="blas")


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # looks through all loaded libraries
