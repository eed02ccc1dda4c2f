"""How idle threads wait: spin briefly, then sleep.

The threads of OpenMP (torch) and OpenBLAS (NumPy) spin for milliseconds while they wait for work.
On an idle machine that saves a little time. On a busy machine a spinning thread takes the core from
the thread it waits for, and the run takes twice as long. The libraries read these variables once,
when they are loaded.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping

SETTINGS = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "1000",  # GNU's OpenMP: spin iterations, some microseconds
    "KMP_BLOCKTIME": "1",  # LLVM's and Intel's: milliseconds
    "OPENBLAS_THREAD_TIMEOUT": "12",  # 2^12 clock cycles
}


def wait_asleep(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let idle threads sleep, unless the user set `OMP_WAIT_POLICY` or one of these variables.

    Call this before torch or NumPy is imported. Child processes inherit it.
    """
    if not SETTINGS.keys() & environment.keys():
        environment.update(SETTINGS)
