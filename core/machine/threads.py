"""How many threads compiled code of the host works on."""

from __future__ import annotations

import sys

from nntasks.machine.forked import usable_cores


def thread_count() -> int:
    """Return torch's number of threads where torch is loaded, or else one for each core.

    `OMP_NUM_THREADS` limits both.
    """
    torch = sys.modules.get("torch")
    # While torch is being imported it has no such function yet.
    known = getattr(torch, "get_num_threads", None)
    return int(known()) if known is not None else usable_cores()
