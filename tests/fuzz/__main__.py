"""Read damaged inputs of every kind until something else comes out than data or one line of ours.

    PYTHONPATH=tests python -m fuzz [--count 10000] [--seed 0] [--only KIND ...] [--jobs N]

COUNT inputs are made and read, over all kinds in fixed shares, from seed SEED on. A fault is: an
error that is none of ours, a message of several lines, words of a library on the terminal, more
than 30 seconds or 512 MiB for one input, or data that break their own rules. Every fault is
printed with its kind and its seed; the exit code is then 1. `--only labels --seed 7 --count 1`
repeats one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time

from fuzz import harness
from fuzz.reading import readers

_WHOLE = 10_000


def main() -> int:
    """Read the inputs on all cores, and print what became of each kind and every fault."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=_WHOLE, help="inputs, over all kinds")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument("--only", action="append", help="a kind, or how its name begins")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    options = parser.parse_args()
    begun = time.monotonic()
    shares = {
        name: share
        for name, (share, _) in readers().items()
        if options.only is None or name.startswith(tuple(options.only))
    }
    whole = sum(shares.values())
    jobs = [
        (name, max(options.count * share // whole, 1), options.seed)
        for name, share in shares.items()
    ]
    jobs.sort(key=lambda job: job[0] != "run folder")  # the slowest kind first
    faults: list[str] = []
    total = 0
    with multiprocessing.get_context("spawn").Pool(options.jobs, harness.prepare) as pool:
        for name, became, found in pool.imap_unordered(harness.fuzz, jobs):
            print(f"{name:20} {became['read']:6} read, {became['refused']:6} refused", flush=True)
            faults += found
            total += became.total()
    print("\n".join(faults) or "no faults")
    print(f"{total} inputs in {time.monotonic() - begun:.0f} s, {len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
