"""How threads wait for each other: briefly at full speed, then asleep.

OpenMP's threads, which torch computes with, and OpenBLAS's, which NumPy computes with, wait for
their next piece of work by asking for it in a loop, for milliseconds. On an idle machine that saves
a little time. On a busy one the loop takes the core from the thread that it waits for, and the run
takes twice as long. The libraries read these variables once, when they are loaded.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping

SETTINGS = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "1000",  # GNU's OpenMP: turns of the loop, some microseconds
    "KMP_BLOCKTIME": "1",  # LLVM's and Intel's: milliseconds
    "OPENBLAS_THREAD_TIMEOUT": "12",  # 2^12 clock cycles
}


def wait_asleep(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let threads wait asleep; whoever has set `OMP_WAIT_POLICY` or another of these keeps his way.

    Call this before torch or NumPy is imported. Child processes inherit it.
    """
    if not SETTINGS.keys() & environment.keys():
        environment.update(SETTINGS)
